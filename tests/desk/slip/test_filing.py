"""Slips on the disk: both files or none, for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desk.slip import PreparedSlip, SlipNameTaken, SlipNotWritten, file_slip, record_path


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


def test_a_slip_takes_the_place_of_an_earlier_one_under_the_name_that_was_said(
    tmp_path: Path, prepared: PreparedSlip
) -> None:
    file_slip(tmp_path / "slip.pdf", b"earlier", prepared.record)
    file_slip(tmp_path / "slip.pdf", b"page", prepared.record + b" ")
    assert (tmp_path / "slip.pdf").read_bytes() == b"page"
    assert (tmp_path / "slip.json").read_bytes() == prepared.record + b" "
    assert sorted(file.name for file in tmp_path.iterdir()) == ["slip.json", "slip.pdf"]


def test_a_json_that_is_no_slips_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "visit.json").write_bytes(b'{"visit": 1}')
    with pytest.raises(SlipNameTaken):
        file_slip(tmp_path / "visit.pdf", b"page", b"record")
    assert (tmp_path / "visit.json").read_bytes() == b'{"visit": 1}'
    assert [file.name for file in tmp_path.iterdir()] == ["visit.json"]


def test_a_page_whose_ending_was_left_out_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "slip.pdf").write_bytes(b"another")
    with pytest.raises(SlipNameTaken):
        file_slip(tmp_path / "slip", b"page", b"record")
    assert (tmp_path / "slip.pdf").read_bytes() == b"another"
    assert [file.name for file in tmp_path.iterdir()] == ["slip.pdf"]


def test_where_the_page_cannot_be_put_the_earlier_twin_is_there_again(tmp_path: Path, prepared: PreparedSlip) -> None:
    (tmp_path / "slip.json").write_bytes(prepared.record)
    (tmp_path / "slip.pdf").mkdir()
    with pytest.raises(SlipNotWritten):
        file_slip(tmp_path / "slip.pdf", b"page", b"record")
    assert (tmp_path / "slip.json").read_bytes() == prepared.record
    assert sorted(file.name for file in tmp_path.iterdir()) == ["slip.json", "slip.pdf"]
