"""Slips at the window: seen before they go out, kept where the clerk says, and gone with the visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from auth.purposes import shipped_registry
from desk.language import Language, Phrase
from desk.slip import MadeSlip, Maker, Matter, PreparedSlip, SealedSlip, Slip, SlipDevice, Subject, read_slip_record
from desk.view import CheckView, DecisionView, DeskView
from gui.desk.window import DeskWindow
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision

NAME = "Nguyễn Văn Mẫu"
Recorder = Any  # lives in conftest.py, which cannot be imported from here


@pytest.fixture
def prepared() -> PreparedSlip:
    """Return a slip of the invented man, of a test as everything here."""
    purpose = shipped_registry().purpose("land-change-registration")
    now = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC)
    return PreparedSlip.of(
        Slip(
            slip_id="0d5bfa2a-5f7e-4a4c-9a55-9d1c7a5c2f11",
            made_at=now,
            test=True,
            maker=Maker("Cán Bộ", "c1", "Quầy 3", SlipDevice(), "motcua 0.1.0"),
            matter=Matter(purpose.id, Phrase("Đất", "Land"), purpose.basis, purpose.legal_basis, "HS-1", 1825),
            subject=Subject("099090000001", NAME, "15/01/1990"),
            inspected_at=now,
            policy="operational",
            policy_digest="",
            decision=DecisionView(Decision.PROCEED),
            checks=(CheckView(CheckId.SOD_SIGNATURE, CheckStatus.PASSED, "signature-verified"),),
            comparison=(),
            registers=(),
            sections=(),
        )
    )


@pytest.fixture
def showing(window: DeskWindow, scenes: dict[str, DeskView], recorder: Recorder, prepared: PreparedSlip) -> DeskWindow:
    recorder.slip = prepared
    window.present_view(scenes["showing-proceed"])
    recorder.intents.clear()
    return window


def press(window: DeskWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier) -> None:
    QTest.keyClick(window, key, modifier)
    # What the desk says in turn comes through the window's queue.
    QApplication.processEvents()


def pdf_printer(file: Path) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    printer.setFullPage(True)
    return printer


def test_ctrl_p_shows_the_slip_as_it_will_be_on_paper(showing: DeskWindow, recorder: Recorder) -> None:
    press(showing, Qt.Key.Key_P)
    assert recorder.intents == [("make_slip",)]
    assert showing.pages.currentWidget() is showing.slip_sheet
    sheets = showing.slip_sheet.viewer.widget().findChildren(QWidget)
    assert len(sheets) >= 1
    assert "CHƯA KÝ" in showing.slip_sheet.standing.text()


@pytest.mark.parametrize("size", [(1024, 700), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("percent", [100, 200])
def test_a_page_is_never_wider_than_the_room_for_it(
    showing: DeskWindow, settle: Callable[[], None], size: tuple[int, int], percent: int
) -> None:
    showing.look.theme.use(scale=percent / 100)
    showing.resize(*size)
    press(showing, Qt.Key.Key_P)
    settle()
    sheet = showing.slip_sheet
    assert sheet._pages
    assert sheet.viewer.horizontalScrollBar().maximum() == 0
    showing.resize(size[0] - 100, size[1])
    settle()
    assert sheet.viewer.horizontalScrollBar().maximum() == 0


def test_the_slip_is_kept_where_the_clerk_says_with_its_twin(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path, prepared: PreparedSlip
) -> None:
    suggested: list[str] = []

    def choose(_parent: QWidget, _title: str, name: str) -> Path:
        suggested.append(name)
        return tmp_path / "kept.pdf"

    showing.slips.choose_file = choose
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    assert recorder.intents[-1] == ("seal_slip", prepared.slip.slip_id)
    assert (tmp_path / "kept.pdf").read_bytes().startswith(b"%PDF-1.4")
    assert read_slip_record((tmp_path / "kept.json").read_bytes()).slip_id == prepared.slip.slip_id
    assert "kept.pdf" in showing.slip_sheet.news.text()
    assert NAME not in suggested[0]
    assert "099090000001" not in suggested[0]


def test_nothing_is_written_where_the_clerk_thinks_better_of_it(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path
) -> None:
    showing.slips.choose_file = lambda *_: None
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    assert recorder.intents == [("make_slip",)]
    assert list(tmp_path.iterdir()) == []


def test_a_slip_that_cannot_be_sealed_is_not_written_and_the_reason_is_told(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path
) -> None:
    recorder.slip_failure = "ledger-unusable"
    showing.slips.choose_file = lambda *_: tmp_path / "kept.pdf"
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    assert list(tmp_path.iterdir()) == []
    said = showing.look.tongue.texts.failure_of("ledger-unusable")
    assert said.title in showing.slip_sheet.news.text()


def test_a_folder_that_cannot_be_written_is_told(showing: DeskWindow, tmp_path: Path) -> None:
    showing.slips.choose_file = lambda *_: tmp_path / "nowhere" / "kept.pdf"
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    assert showing.look.tongue.texts.failure_of("file-not-written").title in showing.slip_sheet.news.text()


def test_a_file_that_is_no_slips_is_not_written_over_and_nothing_is_sealed(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "kept.json").write_text("mine")
    showing.slips.choose_file = lambda *_: tmp_path / "kept.pdf"
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    assert recorder.intents == [("make_slip",)]
    assert (tmp_path / "kept.json").read_text() == "mine"
    assert showing.look.tongue.texts.failure_of("slip-name-taken").title in showing.slip_sheet.news.text()


def test_while_a_slip_is_sealed_no_key_seals_it_again(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path, prepared: PreparedSlip
) -> None:
    under_way: list[Callable[[SealedSlip], None]] = []
    recorder.seal_slip = lambda _prepared, _pdf, on_sealed: under_way.append(on_sealed)
    showing.slips.choose_file = lambda *_: tmp_path / "kept.pdf"
    showing.slips.choose_printer = lambda *_: QPrinter()
    press(showing, Qt.Key.Key_P)
    for key in (Qt.Key.Key_S, Qt.Key.Key_S, Qt.Key.Key_P, Qt.Key.Key_L, Qt.Key.Key_S, Qt.Key.Key_P):
        press(showing, key)
    assert len(under_way) == 1
    assert not showing.slip_sheet.save.isEnabled()
    under_way[0](SealedSlip(b"%PDF-1.4"))
    QApplication.processEvents()
    assert showing.slip_sheet.save.isEnabled()
    press(showing, Qt.Key.Key_S)
    assert len(under_way) == 2


def test_what_comes_of_one_slip_prints_no_other(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path, prepared: PreparedSlip
) -> None:
    under_way: list[Callable[[SealedSlip], None]] = []
    recorder.seal_slip = lambda _prepared, _pdf, on_sealed: under_way.append(on_sealed)
    recorder.slip = prepared
    showing.slips.choose_file = lambda *_: tmp_path / "kept.pdf"
    showing.slips.choose_printer = lambda *_: pdf_printer(tmp_path / "printed.pdf")
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_S)
    press(showing, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_P)
    under_way[0](SealedSlip(b"%PDF-1.4"))
    QApplication.processEvents()
    assert not (tmp_path / "printed.pdf").exists(), "what was sealed was the file, the print is not recorded yet"
    under_way[1](SealedSlip(b"%PDF-1.4"))
    QApplication.processEvents()
    assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("cover", ["toggle_hidden", "toggle_help"])
def test_under_a_cover_nothing_is_kept_or_printed(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path, cover: str
) -> None:
    showing.slips.choose_file = lambda *_: tmp_path / "kept.pdf"
    showing.slips.choose_printer = lambda *_: pdf_printer(tmp_path / "printed.pdf")
    press(showing, Qt.Key.Key_P)
    getattr(showing, cover)()
    press(showing, Qt.Key.Key_S)
    press(showing, Qt.Key.Key_P)
    assert recorder.intents == [("make_slip",)]
    assert list(tmp_path.iterdir()) == []


def test_a_print_is_recorded_first_and_has_every_page(
    showing: DeskWindow, recorder: Recorder, tmp_path: Path, prepared: PreparedSlip
) -> None:
    def choose(_parent: QWidget, name: str) -> QPrinter:
        assert NAME not in name
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        printer.setFullPage(True)
        return printer

    showing.slips.choose_printer = choose
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_P)
    assert recorder.intents == [("make_slip",), ("seal_slip", prepared.slip.slip_id)]
    assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.qt_log_ignore("QPainter::begin", "This plugin does not support propagateSizeHints", extend=True)
def test_a_printer_that_takes_no_page_is_told(showing: DeskWindow, tmp_path: Path) -> None:
    showing.slips.choose_printer = lambda *_: pdf_printer(tmp_path / "nowhere" / "printed.pdf")
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_P)
    said = showing.look.tongue.texts.failure_of("slip-not-printed")
    assert showing.slip_sheet.news.text() == f"{said.title}. {said.next_step}"
    assert showing.slip_sheet.to_printer.isEnabled()


def test_what_is_not_recorded_is_not_printed(showing: DeskWindow, recorder: Recorder, tmp_path: Path) -> None:
    recorder.slip_failure = "ledger-unusable"

    def choose(_parent: QWidget, _name: str) -> QPrinter:
        printer = QPrinter()
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        return printer

    showing.slips.choose_printer = choose
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_P)
    assert list(tmp_path.iterdir()) == []


def test_esc_goes_back_to_the_result_and_nothing_of_the_slip_is_kept(showing: DeskWindow, recorder: Recorder) -> None:
    press(showing, Qt.Key.Key_P)
    press(showing, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert showing.pages.currentWidget() is showing.result_page
    assert not showing.slips.open
    assert recorder.intents == [("make_slip",)]


def test_nothing_of_a_slip_stays_after_the_wipe(
    showing: DeskWindow,
    recorder: Recorder,
    scenes: dict[str, DeskView],
    eyes: Any,
    settle: Callable[[], None],
) -> None:
    press(showing, Qt.Key.Key_P)
    recorder.slip = None
    assert any(NAME in text for text in eyes.held(showing)), "the test must see what there is to wipe"
    showing.present_view(replace(scenes["wiped"], visit=8))
    settle()
    assert showing.pages.currentWidget() is showing.state_page
    assert not any(NAME in text for text in (*eyes.held(showing), *eyes.texts(showing)))
    assert not showing.slip_sheet.viewer.widget().findChildren(QWidget)


def test_another_result_closes_the_slip_of_the_one_before(showing: DeskWindow, scenes: dict[str, DeskView]) -> None:
    press(showing, Qt.Key.Key_P)
    showing.present_view(replace(scenes["looking-up"], visit=scenes["showing-proceed"].visit))
    assert showing.pages.currentWidget() is showing.result_page
    assert not showing.slips.open


def test_a_slip_that_comes_too_late_is_not_shown(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Recorder, prepared: PreparedSlip
) -> None:
    late: list[Callable[[MadeSlip], None]] = []
    recorder.make_slip = late.append
    window.present_view(scenes["showing-proceed"])
    press(window, Qt.Key.Key_P)
    window.present_view(replace(scenes["wiped"], visit=8))
    late[0](MadeSlip(prepared))
    QApplication.processEvents()
    assert not window.slips.open
    assert window.pages.currentWidget() is window.state_page


@pytest.mark.parametrize("language", list(Language))
def test_why_no_slip_could_be_made_is_told_and_the_key_tries_again(
    showing: DeskWindow, recorder: Recorder, prepared: PreparedSlip, language: Language
) -> None:
    showing.look.tongue.speak(language)
    recorder.slip, recorder.no_slip = None, "device-token-unavailable"
    press(showing, Qt.Key.Key_P)
    said = showing.look.tongue.texts.failure_of("device-token-unavailable")
    assert showing.pages.currentWidget() is showing.result_page
    assert showing.slip_strip.isVisible()
    for words in (said.title, said.cause, said.next_step):
        assert words in showing.slip_strip.words.text()
        assert words in showing.slip_strip.accessibleName()
    recorder.slip = prepared
    assert showing.actions_bar.slip.isEnabled()
    press(showing, Qt.Key.Key_P)
    assert showing.pages.currentWidget() is showing.slip_sheet
    assert not showing.slip_strip.isVisible()


def test_why_there_was_no_slip_goes_with_the_result(
    showing: DeskWindow, recorder: Recorder, scenes: dict[str, DeskView]
) -> None:
    recorder.slip = None
    press(showing, Qt.Key.Key_P)
    assert showing.slip_strip.isVisible()
    showing.present_view(replace(scenes["wiped"], visit=8))
    assert not showing.slip_strip.isVisible()
    assert showing.slip_strip.words.text() == ""


@pytest.mark.parametrize("scene", ["waiting", "reading-identity", "looking-up", "stopping"])
def test_without_a_result_there_is_no_slip(
    window: DeskWindow, scenes: dict[str, DeskView], recorder: Recorder, scene: str
) -> None:
    window.present_view(scenes[scene])
    recorder.intents.clear()
    assert not window.actions_bar.slip.isEnabled()
    press(window, Qt.Key.Key_P)
    assert recorder.intents == []


def test_the_slip_follows_the_language(showing: DeskWindow) -> None:
    press(showing, Qt.Key.Key_P)
    showing.look.tongue.speak(Language.ENGLISH)
    QApplication.processEvents()
    assert showing.slip_sheet.title.text() == "Result slip"
    assert showing.slips.open
