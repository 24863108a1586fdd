"""Slips on the disk: both files or none, for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desk.slip import SlipNotWritten, file_slip, record_path


def test_both_files_lie_side_by_side_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        page = file_slip(tmp_path / "slip.pdf", b"page", b"record")
    finally:
        os.umask(before)
    assert (page.read_bytes(), record_path(page).read_bytes()) == (b"page", b"record")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["slip.json", "slip.pdf"]


def test_a_name_without_the_ending_gets_it(tmp_path: Path) -> None:
    assert file_slip(tmp_path / "slip.v2", b"page", b"record").name == "slip.v2.pdf"


def test_where_one_cannot_be_written_neither_is_left(tmp_path: Path) -> None:
    (tmp_path / "slip.pdf").mkdir()
    with pytest.raises(SlipNotWritten):
        file_slip(tmp_path / "nowhere" / "slip.pdf", b"page", b"record")
    with pytest.raises(SlipNotWritten):
        file_slip(tmp_path / "slip.pdf", b"page", b"record")
    assert [file.name for file in tmp_path.iterdir()] == ["slip.pdf"]
