"""A file is the old one or the new one, and a secret is nobody else's to read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from auth.whole_file import write_secret, write_whole


@pytest.fixture(params=[write_whole, write_secret], ids=["whole", "secret"])
def write(request: pytest.FixtureRequest):
    return request.param


def test_what_is_written_stands_there_and_nothing_beside_it(write, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content in (b"first", b"", b"the third\r\n\x1a" * 1_000):
        write(file, content)
        assert file.read_bytes() == content
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("fails", ["write", "fsync", "replace"])
def test_where_the_disk_is_full_the_former_file_is_there_and_nothing_beside_it(
    write, fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    write(file, b"former")

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    if fails == "write":
        file_of = os.fdopen

        def opened(descriptor: int, mode: str):
            os.close(descriptor)
            return file_of(os.open("/dev/full", os.O_WRONLY), mode)

        monkeypatch.setattr("builtins.open", opened)
    elif fails == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="space"):
        write(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("why", [errno.EINVAL, errno.ENOTSUP])
def test_where_folders_cannot_be_brought_to_the_disk_files_can(
    write, why: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some shared folders."""
    fsync = os.fsync

    def of_files_alone(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(why, "not with a folder")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", of_files_alone)
    write(tmp_path / "file", b"there")
    assert (tmp_path / "file").read_bytes() == b"there"


def test_a_folder_that_is_not_there_is_told(write, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none" / "file", b"")


@pytest.mark.skipif(os.name != "posix", reason="modes are the system's where it has them")
def test_a_secret_is_this_users_alone_whatever_lay_there_before(tmp_path: Path) -> None:
    file, left = tmp_path / "file", tmp_path / ".file.new"
    for there in (file, left):
        there.write_bytes(b"left by a killed process")
        there.chmod(0o666)
    mask = os.umask(0)
    try:
        write_secret(file, b"secret")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == b"secret"
    assert not left.exists()
