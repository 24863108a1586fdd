"""Row L3: no more inodes, on a small file system of our own, and a quota that is spent, as the system reports it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auth.room import NO_ROOM, room_trouble

HERE = Path(__file__).parent
INODES = 24
# A namespace of one's own, in which whoever runs the tests may mount a file system; root in a container too.
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def _mounts() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = (*_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/tmp")
    return subprocess.run(tried, capture_output=True, check=False, timeout=60).returncode == 0


def _run(*command: str, **environment: str) -> None:
    # Found as the tests themselves find it: the child runs in another folder.
    known = {"PYTHONPATH": os.pathsep.join((str(HERE.parents[2]), os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=120, env={**os.environ, **known, **environment}
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"held")


@pytest.mark.skipif(not _mounts(), reason="file systems cannot be mounted here, not even in a namespace of one's own")
def test_without_inodes_nobody_is_asked_what_is_there_can_be_read_and_with_some_it_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    script = f'mount -t tmpfs -o size=64m,nr_inodes={INODES},mode=700 tmpfs "$1" && exec "$2" "$3" "$1" no-more-files'
    _run(*_NAMESPACE, "sh", "-c", script, "sh", str(folder), sys.executable, str(HERE / "room_child.py"))
    assert not list(folder.iterdir()), "the file system went with its namespace"


@pytest.fixture(scope="session")
def quota(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library that makes the system say EDQUOT."""
    made = tmp_path_factory.mktemp("quota") / "over_quota.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(made), str(HERE / "over_quota.c"), "-ldl"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return made


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="no compiler for the quota")
def test_with_a_spent_quota_nobody_is_asked_what_is_there_can_be_read_and_with_more_it_goes_on(
    tmp_path: Path, quota: Path
) -> None:
    folder, spent = tmp_path / "files", tmp_path / "spent"
    folder.mkdir()
    _run(
        sys.executable,
        str(HERE / "room_child.py"),
        str(folder),
        "over-quota",
        str(spent),
        LD_PRELOAD=str(quota),
        QUOTA_FOLDER=str(folder),
        QUOTA_SPENT=str(spent),
    )


def test_trying_leaves_nothing_behind(tmp_path: Path) -> None:
    assert room_trouble(tmp_path) == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "over-quota"),
        (errno.EFBIG, "over-quota"),
        (errno.EROFS, "not-writable"),
        (errno.EIO, "disk-trouble"),
    ],
)
def test_each_refusal_of_the_system_has_its_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def refuse(**_: object) -> object:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert room_trouble(tmp_path) == word
    assert (word in NO_ROOM) is (number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def test_a_folder_that_is_gone_is_no_full_disk(tmp_path: Path) -> None:
    assert room_trouble(tmp_path / "gone") == "not-writable"
