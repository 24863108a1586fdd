"""A file is read whole up to its bound, and refused one byte beyond it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.bounded_file import read_bounded_file
from reader.errors import DataError


@pytest.mark.parametrize("size", [0, 1, 8])
def test_a_file_within_its_bound_comes_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(bytes(range(size)))
    assert read_bounded_file(tmp_path / "file", 8) == bytes(range(size))


def test_one_byte_more_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(9))
    with pytest.raises(DataError, match="more than 8 bytes"):
        read_bounded_file(tmp_path / "file", 8)


@pytest.mark.parametrize("name", ["", "absent"])
def test_what_is_no_file_is_told_without_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        read_bounded_file(tmp_path / name, 8)
    assert caught.value.what == "file that cannot be read"
    assert caught.value.__cause__ is None
