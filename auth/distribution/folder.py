"""The store's folder: where everything lies, one writer at a time, and every file whole or not there.

operators and history      history/000001.json …      one signed entry each
what was ever installed    objects/SHA256              so that a change can be undone
what is read at the desk   generations/SHA256/         built from the objects (reader.trust.store_format)
which of them counts       current.json                replaced in one step, last of all
the repository's client    repository/                 see update.py
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from auth.distribution.errors import StoreBusy, StoreDamaged, StoreUnwritable
from auth.lock_file import LockHeld, held
from auth.whole_file import write_whole
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["StoreFolder", "default_stores", "may_write"]


def default_stores(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> tuple[Path, Path]:
    """Return where the store of this machine is looked for, and where this user's: in the folders for shared data."""
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or env.get("USERPROFILE") or ".")
    if platform == "win32":
        user = Path(env.get("LOCALAPPDATA", home / "AppData" / "Local"))
        return Path(env.get("PROGRAMDATA", "C:/ProgramData")) / "MotCua" / "trust", user / "MotCua" / "trust"
    if platform == "darwin":
        shared = Path("Library") / "Application Support" / "MotCua" / "trust"
        return Path("/") / shared, home / shared
    return Path("/var/lib/motcua/trust"), Path(
        env.get("XDG_DATA_HOME") or home / ".local" / "share"
    ) / "motcua" / "trust"


def may_write(store: Path) -> bool:
    """Tell whether a store could be founded there by this user."""
    there = next((folder for folder in (store, *store.parents) if folder.exists()), store)
    return os.access(there, os.W_OK)


class StoreFolder:
    """Name the files of a store and write them so that a power cut leaves the old or the new, never half of one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def current(self) -> Path:
        """Return the file that says which state counts."""
        return self.path / "current.json"

    @property
    def repository(self) -> Path:
        """Return the folder of the repository's client."""
        return self.path / "repository"

    @property
    def checked(self) -> Path:
        """Return the note of when the repository was asked last."""
        return self.repository / "checked.json"

    def entry(self, number: int) -> Path:
        """Return where entry ``number`` lies."""
        return self.path / "history" / f"{number:06d}.json"

    def proof(self, number: int) -> Path:
        """Return where the repository's metadata lie by which entry ``number`` was taken."""
        return self.path / "history" / f"{number:06d}.proof.json"

    def object(self, sha256: str) -> Path:
        """Return where an installed file lies."""
        return self.path / "objects" / sha256

    def generation(self, sha256: str) -> Path:
        """Return the folder of what is read at the desk."""
        return self.path / "generations" / sha256

    def read(self, path: Path, limit: int) -> bytes:
        """Read a file of the store; raise StoreDamaged where it is missing or larger than ``limit``."""
        try:
            return read_bounded_file(path, limit)
        except DataError as error:
            raise StoreDamaged(f"{path.name}: {error.what}") from None

    def write(self, path: Path, content: bytes) -> None:
        """Write a file whole; raise StoreUnwritable."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError:
            raise StoreUnwritable(path.name) from None

    @contextlib.contextmanager
    def locked(self, patience_s: float = 0.0) -> Iterator[None]:
        """Hold the store alone; raise StoreBusy where another process does. The lock ends with the process.

        Whoever holds it for a moment only is waited for, ``patience_s`` seconds at most.
        """
        with contextlib.ExitStack() as holding:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                holding.enter_context(held(self.path / "lock", patience_s))
            except LockHeld:
                raise StoreBusy("lock") from None
            except OSError:
                raise StoreUnwritable("lock") from None
            yield
