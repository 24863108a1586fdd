"""A slip on paper: read by a program that nobody here wrote, it says in correct Vietnamese what it should."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication

from auth.purposes import shipped_registry
from desk.language import Language, Phrase
from desk.section_view import Column, ItemView, SectionView, Standing
from desk.slip import (
    Maker,
    Matter,
    PreparedSlip,
    Slip,
    SlipDevice,
    SlipRegister,
    Subject,
    slip_page,
)
from desk.texts import Texts
from desk.view import CheckView, ComparisonRow, DecisionView, FieldId, Match, RegisterCell, RegisterState, SourceValue
from gui.print import render_slip
from gui.print.ink import Print, print_font
from gui.print.pages import SlipPages
from gui.print.pdf import picture_of
from gui.theme.type import font_files
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision

pytestmark = pytest.mark.peer
Poppler = Any  # lives in tests/peers, which cannot be imported from here
LAND = Phrase("Đất đai", "Land")
WATERMARK = "THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ"
# Every letter of Vietnamese with every tone, as names in a register have them.
LETTERS = (
    "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ "
    "AÀẢÃÁẠ ĂẰẲẴẮẶ ÂẦẨẪẤẬ EÈẺẼÉẸ ÊỀỂỄẾỆ IÌỈĨÍỊ OÒỎÕÓỌ ÔỒỔỖỐỘ ƠỜỞỠỚỢ UÙỦŨÚỤ ƯỪỬỮỨỰ YỲỶỸÝỴ Đ ŏ ŭ č"
)


def make_slip(*, test: bool = True, name: str = "Nguyễn Văn Mẫu", items: int = 2) -> Slip:
    """Build a slip of an invented man; with many ``items`` it takes several pages."""
    purpose = shipped_registry().purpose("land-change-registration")
    entry = ItemView(
        "1",
        "AB 12345678",
        ("12 · 345", "120,5 m²", "ONT — Đất ở tại nông thôn", "AB 12345678", name),
        Standing.GOOD,
        Phrase("đã xác thực", "verified"),
        details=((Phrase("Địa chỉ", "Address"), "Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"),),
    )
    heads = (
        Phrase("Tờ · Thửa", "Sheet · Parcel"),
        Phrase("Diện tích", "Area"),
        Phrase("Loại đất", "Type"),
        Phrase("Giấy chứng nhận", "Certificate"),
        Phrase("Người sử dụng", "Holders"),
    )
    now = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC)
    return Slip(
        slip_id="0d5bfa2a-5f7e-4a4c-9a55-9d1c7a5c2f11",
        made_at=now,
        test=test,
        maker=Maker("Nguyễn Thị Cán Bộ", "c1", "Quầy 3", SlipDevice(), "motcua 0.1.0"),
        matter=Matter(
            purpose.id, Phrase(purpose.name_vi, purpose.name_en), purpose.basis, purpose.legal_basis, "HS-1", 1825
        ),
        subject=Subject("099090000001", name, "15/01/1990"),
        inspected_at=now,
        policy="operational",
        policy_digest="ab" * 32,
        decision=DecisionView(Decision.PROCEED),
        checks=(
            CheckView(CheckId.SOD_SIGNATURE, CheckStatus.PASSED, "signature-verified"),
            CheckView(CheckId.REVOCATION, CheckStatus.INCONCLUSIVE, "no-revocation-list"),
        ),
        comparison=(
            ComparisonRow(
                FieldId.FULL_NAME,
                name,
                (RegisterCell("land", SourceValue("Khác Tên", Match.DIFFERENT, "other-words")),),
            ),
        ),
        registers=(SlipRegister("land", LAND, RegisterState.ANSWERED, True, answered_at=now, key_id="k1"),),
        sections=(
            SectionView("land", Phrase("Thửa đất", "Parcels"), tuple(map(Column, heads)), (entry,) * items, LAND),
        ),
    )


def draw(slip: Slip, language: Language = Language.VIETNAMESE) -> bytes:
    return render_slip(slip_page(PreparedSlip.of(slip), Texts(language)))


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """Draw as the window does, within a running application."""


@pytest.mark.parametrize("language", list(Language))
def test_every_page_of_a_test_carries_the_watermark_in_both_languages(poppler: Poppler, language: Language) -> None:
    pages = poppler.pages(draw(make_slip(items=40), language))
    assert len(pages) > 2
    for page in pages:
        said = re.sub(r"\s+", " ", page)
        assert f"{WATERMARK} / TEST – NOT VALID" in said


def test_the_watermark_is_seen_across_the_page_and_not_only_read(poppler: Poppler, tmp_path: Path) -> None:
    grey = poppler.picture(draw(make_slip(items=1)), tmp_path, 1)
    clean = poppler.picture(draw(make_slip(items=1, test=False)), tmp_path, 1)
    middle = [image[len(image) // 3 : 2 * len(image) // 3] for image in (grey, clean)]
    faint = [sum(0xC0 < value < 0xE4 for value in image) / len(image) for image in middle]
    assert faint[0] > 0.05
    assert faint[1] < 0.02


def test_what_is_no_test_has_no_word_of_it(poppler: Poppler) -> None:
    pages = poppler.pages(draw(make_slip(test=False, items=40)))
    assert not any("TEST" in page or "THỬ NGHIỆM" in page for page in pages)


def test_the_text_is_correct_vietnamese_letter_by_letter(poppler: Poppler) -> None:
    (first, *_) = poppler.pages(draw(make_slip(test=False, name=LETTERS)))
    said = re.sub(r"\s+", "", first)
    assert re.sub(r"\s+", "", LETTERS).upper() in said, "the name at the head"
    for words in ("PHIẾU KẾT QUẢ TRA CỨU", "Căn cứ pháp lý", "Số định danh", "099 090 000 001", "Nguyễn Thị Cán Bộ"):
        assert words in re.sub(r"\s+", " ", first)


def test_what_was_not_confirmed_and_what_differs_stands_on_the_paper(poppler: Poppler) -> None:
    said = re.sub(r"\s+", " ", " ".join(poppler.pages(draw(make_slip(test=False)))))
    assert "Chứng thư ký chưa bị thu hồi — chưa kết luận" in said
    assert "Khác Tên (KHÁC" in said
    assert "CHƯA KÝ" in said


def test_every_page_has_its_number_the_slips_and_the_digest_of_the_twin(poppler: Poppler) -> None:
    prepared = PreparedSlip.of(make_slip(items=40))
    pages = poppler.pages(draw(prepared.slip))
    for number, page in enumerate(pages, 1):
        assert f"Trang {number}/{len(pages)}" in page
        assert prepared.slip.slip_id in page
        assert prepared.digest in page


def test_every_font_is_in_the_file(poppler: Poppler, tmp_path: Path) -> None:
    lines = poppler.fonts(draw(make_slip()), tmp_path)
    assert lines
    for line in lines:
        assert re.search(r"\byes\s+(yes|no)\s+yes\b", line), line
        assert "NotoSans" in line


def test_the_file_says_that_it_is_pdf_a_1b_and_has_nothing_transparent() -> None:
    pdf = draw(make_slip())
    assert pdf.startswith(b"%PDF-1.4")
    assert b'pdfaid:part="1"' in pdf
    assert b'pdfaid:conformance="B"' in pdf
    assert b"/OutputIntents" in pdf
    # ISO 19005-1 §6.4: no soft masks, and full opacity wherever it is told.
    assert not re.search(rb"/SMask\s*(?!/None)\S", pdf)
    assert {float(found) for found in re.findall(rb"/(?:CA|ca)\s+([0-9.]+)", pdf)} <= {1.0}


def test_no_box_is_cut_in_two_and_no_heading_stands_alone_at_the_foot() -> None:
    for items in range(1, 30):
        pages = SlipPages(slip_page(PreparedSlip.of(make_slip(items=items)), Texts(Language.VIETNAMESE)))
        assert not pages.broken, items


def test_the_preview_shows_the_same_page(qapp: QApplication) -> None:
    pages = SlipPages(slip_page(PreparedSlip.of(make_slip()), Texts(Language.VIETNAMESE)))
    image = picture_of(pages, 0, 400)
    assert (image.width(), image.height()) == (400, 566)
    dark = sum(image.pixelColor(x, y).lightness() < 128 for x in range(0, 400, 2) for y in range(0, 566, 2))
    assert dark > 500


def test_the_fonts_hold_every_letter_and_sign_of_the_page() -> None:
    font = QRawFont(str(font_files()[0]), 20)
    assert not [
        letter for letter in LETTERS + "–—·;:%²!…’“”" if letter != " " and not font.supportsCharacter(ord(letter))
    ]
    assert print_font(Print.BODY).pixelSize() > 30


def test_a_slip_is_drawn_without_a_display_and_without_a_running_application(
    project_root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "slip.pdf"
    asked = "import sys; from gui.print import render_slip; assert not any('PySide6' in name for name in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60, cwd=project_root)
    code = (
        "import sys, pickle; from gui.print import render_slip; "
        "open(sys.argv[1], 'wb').write(render_slip(pickle.load(sys.stdin.buffer)))"
    )
    page = slip_page(PreparedSlip.of(replace(make_slip(), test=True)), Texts(Language.VIETNAMESE))
    environment = {"PATH": "/usr/bin:/bin"}
    environment |= {key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ}
    subprocess.run(
        [sys.executable, "-c", code, str(file)],
        input=pickle.dumps(page),
        check=True,
        timeout=60,
        cwd=project_root,
        env=environment,
    )
    assert file.read_bytes().startswith(b"%PDF-1.4")
