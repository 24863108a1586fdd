"""The page in words: honest about what was not confirmed, and marked as a test by the slip itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from auth.errors import RegisterTimeout
from desk.language import Language
from desk.runner import Desk
from desk.slip import PreparedSlip, SignedBy, SlipPage, SlipReason, slip_page
from desk.texts import Texts
from desk.words import slip_words
from reader.inspection.report import Decision

Bench = Any  # lives in conftest.py, which cannot be imported from here
VIETNAMESE = Texts(Language.VIETNAMESE)


def words_of(page: SlipPage) -> str:
    """Return all that the page says, a line each."""
    said = [page.title, page.verdict, page.verdict_line, *page.reasons]
    for block in (*page.blocks, page.signature):
        said += [block.heading, *block.lines]
        said += [f"{fact.label}: {fact.value}" for fact in (*block.facts, *block.details)]
        if block.grid is not None:
            said += [" | ".join(row) for row in (block.grid.heads, *block.grid.rows)]
    return "\n".join(said)


def test_the_page_tells_what_passed_apart_from_what_was_not_confirmed(prepared: PreparedSlip) -> None:
    page = slip_page(prepared, VIETNAMESE)
    (checks,) = (block for block in page.blocks if block.heading == "Kiểm tra thẻ")
    told = {fact.label: fact.value for fact in checks.facts}
    assert "Chữ ký trên dữ liệu còn nguyên vẹn" in told["Đã kiểm tra và đạt"]
    assert "Chứng thư ký chưa bị thu hồi — chưa kết luận" in told["CHƯA khẳng định được"]
    assert "thu hồi" not in told["Đã kiểm tra và đạt"]


def test_a_register_that_was_away_is_told_as_away(
    bench: Bench, make_slip: Callable[[Desk], PreparedSlip | None]
) -> None:
    bench.land.trouble = RegisterTimeout("land", "deadline")
    bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    said = words_of(slip_page(made, VIETNAMESE))
    (line,) = (line for line in said.splitlines() if line.startswith("Đất đai | "))
    assert "không có câu trả lời dùng được" in line
    assert "có chữ ký" not in line


@pytest.mark.parametrize("language", list(Language))
def test_only_a_test_has_the_watermark_and_it_is_in_both_languages(prepared: PreparedSlip, language: Language) -> None:
    real = slip_page(prepared, Texts(language))
    assert real.watermark == ()
    test = PreparedSlip.of(replace(prepared.slip, test=True))
    assert slip_page(test, Texts(language)).watermark == ("THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ", "TEST – NOT VALID")


def test_a_slip_that_nobody_signs_says_so(prepared: PreparedSlip) -> None:
    page = slip_page(prepared, VIETNAMESE)
    assert not page.signed
    assert page.signature.heading == "CHƯA KÝ"
    assert "chưa đăng ký làm thiết bị" in page.signature.lines[0]


def test_a_slip_that_will_be_signed_says_by_whom(prepared: PreparedSlip) -> None:
    by = SignedBy("desk-7", "Cơ quan Mẫu", prepared.slip.made_at)
    page = slip_page(replace(prepared, signed_by=by), VIETNAMESE)
    assert page.signed
    assert "desk-7" in page.signature.lines[0]
    assert "Cơ quan Mẫu" in page.signature.lines[0]


@pytest.mark.parametrize("language", list(Language))
def test_the_page_names_the_digest_of_its_twin(prepared: PreparedSlip, language: Language) -> None:
    page = slip_page(prepared, Texts(language))
    assert prepared.digest in page.footer
    assert prepared.digest in page.creator
    assert prepared.digest in words_of(page)
    assert prepared.slip.slip_id in page.running


def test_no_code_is_left_without_words(prepared: PreparedSlip) -> None:
    vietnamese, english = (words_of(slip_page(prepared, Texts(language))) for language in Language)
    assert vietnamese != english
    for code in ("same", "not-asked", "answered", "signature-verified", "no-revocation-list"):
        assert f"({code})" not in vietnamese
        assert f": {code}" not in vietnamese


def test_whatever_is_found_of_a_slip_has_words() -> None:
    assert set(slip_words.REASONS) == {reason.value for reason in SlipReason}
    tables = (slip_words.REASONS, slip_words.SLIP, slip_words.LABELS, slip_words.VERIFIED, slip_words.CONSENT_WAYS)
    for phrase in (phrase for table in tables for phrase in table.values()):
        assert phrase.vi.strip()
        assert phrase.en.strip()
        names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (phrase.vi, phrase.en)]
        assert names[0] == names[1], phrase


def test_no_words_lie_there_for_nothing(project_root: Path) -> None:
    files = [*(project_root / "desk" / "slip").glob("*.py"), *(project_root / "desk" / "cli").glob("*slip.py")]
    said = "".join(file.read_text(encoding="utf-8") for file in files)
    of_verdicts = {decision.value for decision in Decision}
    names = {*slip_words.SLIP, *slip_words.LABELS, *slip_words.VERIFIED} - of_verdicts
    assert sorted(name for name in names if not re.search(f"[\"']{name}[\"']", said)) == []
