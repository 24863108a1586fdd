"""A private PostgreSQL server: its own data directory, a Unix socket and no port, gone when it is no longer wanted.

The programs are Debian's, unpacked under build/postgres by .ci/setup or installed on the machine; a server that the
machine runs is never touched. The server refuses to run as root, so as root it runs as nobody, whose way to the
programs may be barred (a checkout under /root): then it gets a copy.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg

__all__ = ["PostgresServer", "postgres_programs"]

_NOBODY = 65534
_USER = "sandbox"
_START_S = 60.0
# A test run that is killed closes this standard input too, so that its server ends with it. Fast shutdown: connections
# are cut, nothing is waited for.
_UNTIL_CLOSED = 'exec 3<&0; "$0" "$@" </dev/null 3<&- & read -r _ <&3; kill -INT $!; wait $!'
_CONFIGURATION = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 60
max_wal_size = 4GB
shared_buffers = 128MB
maintenance_work_mem = 128MB
# A container may have next to no /dev/shm, no time zones and no certificates.
dynamic_shared_memory_type = mmap
ssl = off
jit = off
timezone = GMT
log_timezone = GMT
"""


def postgres_programs(root: Path) -> Path | None:
    """Return the directory of initdb and postgres, the unpacked ones before installed ones; None for none."""
    for base in (root / "build" / "postgres", Path("/")):
        found = sorted(base.glob("usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        if found:
            return found[-1].parent
    return None


class PostgresServer:
    """Run one server from the beginning to the end of a ``with`` block."""

    def __init__(self, root: Path) -> None:
        """Take the checkout; raise FileNotFoundError where there are no programs."""
        programs = postgres_programs(root)
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not unpacked under build/postgres")
        self._programs = programs
        self._as_nobody: dict[str, Any] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            self._as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()}
        self._password = secrets.token_hex(16)
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._databases = 0

    def __enter__(self) -> PostgresServer:
        # Not below pytest's own directory: that is closed to nobody, and its path is too long for a socket's.
        self.folder = Path(tempfile.mkdtemp(prefix="motcua-pg-", dir="/tmp"))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            assert self._server.stdin is not None
            self._server.stdin.close()
            try:
                self._server.wait(20.0)
            except subprocess.TimeoutExpired:
                # Its own processes end with it.
                os.kill(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
                self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str = "postgres", *, password: str | None = None) -> str:
        """Return the SQLAlchemy URL of a database, with the password in it."""
        word = self._password if password is None else password
        return f"postgresql+psycopg://{_USER}:{word}@/{name}?host={self.folder}"

    @property
    def password(self) -> str:
        """Return what must be nowhere to be seen."""
        return self._password

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection of the test's own."""
        return psycopg.connect(host=str(self.folder), user=_USER, password=self._password, dbname=name, autocommit=True)

    def create_database(self, *, options: str = "", template: str = "template0") -> str:
        """Return the name of a new database, like ``template``, which is empty; ``options`` are of CREATE DATABASE."""
        with self._lock:
            self._databases += 1
            name = f"registers_{self._databases}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _start(self) -> None:
        if self._as_nobody:
            self.folder.chmod(0o755)
            os.chown(self.folder, _NOBODY, _NOBODY)
            if not self._reachable():
                self._programs = self._copied()
        word = self.folder / "password"
        word.write_text(self._password, encoding="ascii")
        if self._as_nobody:
            os.chown(word, _NOBODY, _NOBODY)
        data = self.folder / "data"
        self._run(
            "initdb", "--pgdata", data, "--username", _USER, "--pwfile", word, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip  # one option and its value belong together
        word.unlink()
        with (data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write(_CONFIGURATION)
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_CLOSED, self._programs / "postgres", "-D", data, "-k", self.folder],
                stdin=subprocess.PIPE, stdout=log, stderr=log, env=self._environment(), cwd=self.folder,
                **self._as_nobody,
            )  # fmt: skip  # as above
        self._wait_until_it_answers()

    def _reachable(self) -> bool:
        try:
            self._run("postgres", "--version")
        except (PermissionError, RuntimeError):
            # Not even found, or found without its libraries.
            return False
        return True

    def _copied(self) -> Path:
        """Copy the programs, their libraries and their shared files to where nobody may go."""
        usr = self._programs.parents[3]
        version = self._programs.parts[-2]
        copy = self.folder / "usr"
        for part in (f"lib/postgresql/{version}", f"share/postgresql/{version}"):
            shutil.copytree(usr / part, copy / part, symlinks=True)
        for libraries in (*usr.glob("lib/*-linux-gnu"), *usr.parent.glob("lib/*-linux-gnu")):
            shutil.copytree(libraries, copy / "lib" / libraries.name, symlinks=True, dirs_exist_ok=True)
        return copy / "lib" / "postgresql" / version / "bin"

    def _environment(self) -> dict[str, str]:
        usr = self._programs.parents[3]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "GMT"}
        if usr != Path("/usr"):
            libraries = [*usr.glob("lib/*-linux-gnu"), *usr.parent.glob("lib/*-linux-gnu")]
            environment["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, libraries))
        return environment

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, arguments)],
            capture_output=True, text=True, check=False, env=self._environment(), cwd=self.folder, **self._as_nobody,
        )  # fmt: skip  # as above
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {done.stdout}{done.stderr}")

    def _wait_until_it_answers(self) -> None:
        assert self._server is not None
        until = time.monotonic() + _START_S
        pause = threading.Event()
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {said}") from None
                pause.wait(0.05)
            else:
                return
