"""Slips at the window: asked of the desk, shown, and put where the clerk says; nothing of one stays afterwards.

The desk seals on a thread of its own and the files are written there too, so a slow token holds up nobody. A clerk who
has said where to keep a slip gets it, also where the visit ends meanwhile; what is only shown goes with the visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QStandardPaths, Signal
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from desk.ports import DeskControls
from desk.slip import (
    MadeSlip,
    PreparedSlip,
    SealedSlip,
    SlipNameTaken,
    SlipNotWritten,
    file_slip,
    refuse_taken,
    slip_page,
)
from gui.bridge import Bridge
from gui.print import render_slip
from gui.print.ink import PAGE
from gui.print.pages import SlipPages
from gui.print.pdf import picture_of
from gui.widgets.part import Look
from gui.widgets.slip_sheet import PREVIEW_WIDTH, SlipSheet

__all__ = ["SlipStation", "choose_file", "choose_printer"]

NOT_PRINTED = "slip-not-printed"

ChooseFile = Callable[[QWidget, str, str], Path | None]
ChoosePrinter = Callable[[QWidget, str], QPrinter | None]


@dataclass(frozen=True, slots=True, repr=False)
class _Made:
    """Bring what came of the slip that was asked for in the visit ``number``."""

    made: MadeSlip
    number: int


@dataclass(frozen=True, slots=True)
class _Done:
    """Bring what came of a slip: where it lies, whereon it is to be printed, or a code of the failure catalogue."""

    slip_id: str
    page: Path | None = None
    printer: QPrinter | None = None
    failure: str = ""


class SlipStation(QObject):
    """Make, show, keep and print slips; ``opened`` and ``closed`` say when the sheet is to be seen.

    ``refused`` says by a code of the failure catalogue why there is no slip, and by none that one was asked for anew.
    """

    opened = Signal()
    closed = Signal()
    refused = Signal(str)

    def __init__(self, look: Look, desk: DeskControls, sheet: SlipSheet) -> None:
        super().__init__(sheet)
        self._look = look
        self._desk = desk
        self._sheet = sheet
        self._prepared: PreparedSlip | None = None
        self._busy = False
        self._visit = 0
        self._folder: Path | None = None
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self.choose_file: ChooseFile = choose_file
        self.choose_printer: ChoosePrinter = choose_printer
        sheet.save_wanted.connect(self.save)
        sheet.print_wanted.connect(self.print)
        sheet.close_wanted.connect(self.close)
        look.tongue.changed.connect(self._draw)

    @property
    def open(self) -> bool:
        """Tell whether a slip is shown."""
        return self._prepared is not None

    def ask(self, visit: int) -> None:
        """Have the slip of the visit ``visit`` made and shown."""
        self._visit = visit
        self.refused.emit("")
        self._desk.make_slip(lambda made: self._bridge.post(_Made(made, visit)))

    def save(self) -> None:
        """Keep the slip that is shown, where the clerk says."""
        prepared = self._free()
        if prepared is None:
            return
        folder = self._folder or Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        )
        suggested = folder / f"{prepared.slip.file_stem}.pdf"
        target = self.choose_file(self._sheet, self.tr("Save the slip"), str(suggested))
        if target is None or self._prepared is not prepared:
            return
        self._folder = target.parent
        try:
            # Before it is sealed: what is recorded as made should be there.
            refuse_taken(target)
        except SlipNameTaken as error:
            self._tell_failure(error.code)
            return
        self._work(busy=True)
        page = slip_page(prepared, self._look.tongue.texts)
        self._desk.seal_slip(prepared, render_slip(page), partial(_keep, prepared, target, self._bridge.post))

    def print(self) -> None:
        """Print the slip that is shown, once it is recorded."""
        prepared = self._free()
        if prepared is None:
            return
        printer = self.choose_printer(self._sheet, prepared.slip.file_stem)
        if printer is None or self._prepared is not prepared:
            return
        self._work(busy=True)
        page = slip_page(prepared, self._look.tongue.texts)
        slip_id, post = prepared.slip.slip_id, self._bridge.post
        self._desk.seal_slip(
            prepared,
            render_slip(page),
            lambda sealed: post(_Done(slip_id, printer=printer, failure=sealed.failure)),
        )

    def close(self) -> None:
        """Leave the slip; nothing of it is kept."""
        if self.open:
            self.forget()
            self.closed.emit()

    def forget(self) -> None:
        """Leave nothing of a slip in this window."""
        self._prepared = None
        self._busy = False
        self._visit = 0
        self._sheet.clear()
        self.refused.emit("")

    def _arrived(self, news: object) -> None:
        if isinstance(news, _Made) and news.number == self._visit:
            self._prepared = news.made.prepared
            if self._prepared is not None:
                self._draw()
                self.opened.emit()
            else:
                self.refused.emit(news.made.failure)
        elif isinstance(news, _Done):
            self._done(news)

    def _done(self, news: _Done) -> None:
        """Say what came of it, where the slip is still shown; print what was recorded for printing."""
        prepared = self._prepared
        if prepared is None or prepared.slip.slip_id != news.slip_id:
            return
        self._work(busy=False)
        if news.failure:
            self._tell_failure(news.failure)
        elif news.printer is not None:
            if self._print_on(news.printer, prepared):
                self._sheet.say(self.tr("Sent to the printer."))
            else:
                self._tell_failure(NOT_PRINTED)
        elif news.page is not None:
            self._sheet.say(self.tr("Kept as {name}, with its .json beside it.").format(name=news.page.name))

    def _free(self) -> PreparedSlip | None:
        """Return the slip that something can be done with: one that is seen, and nothing is under way for it.

        A key does not ask whether its button is enabled, or covered.
        """
        return None if self._busy or not self._sheet.isVisible() else self._prepared

    def _work(self, *, busy: bool) -> None:
        self._busy = busy
        self._sheet.work(busy=busy)

    def _tell_failure(self, code: str) -> None:
        words = self._look.tongue.texts.failure_of(code)
        self._sheet.say(f"{words.title}. {words.next_step}", trouble=True)

    def _draw(self) -> None:
        prepared = self._prepared
        if prepared is None:
            return
        page = slip_page(prepared, self._look.tongue.texts)
        pages = SlipPages(page)
        wide = round(self._look.theme.px(PREVIEW_WIDTH) * self._sheet.devicePixelRatioF())
        self._sheet.present([picture_of(pages, number, wide) for number in range(len(pages))], signed=page.signed)
        # What is drawn anew, in another language, is under way as it was.
        self._sheet.work(busy=self._busy)

    def _print_on(self, printer: QPrinter, prepared: PreparedSlip) -> bool:
        """Print every page; tell whether the printer took them all."""
        pages = SlipPages(slip_page(prepared, self._look.tongue.texts))
        painter = QPainter()
        if not painter.begin(printer):
            return False
        paper = printer.paperRect(QPrinter.Unit.DevicePixel)
        scale = min(paper.width() / PAGE[0], paper.height() / PAGE[1])
        for number in range(len(pages)):
            if number and not printer.newPage():
                printer.abort()
                painter.end()
                return False
            painter.save()
            painter.setClipRect(QRectF(0, 0, paper.width(), paper.height()))
            painter.scale(scale, scale)
            pages.paint(painter, number)
            painter.restore()
        return painter.end()


def _keep(prepared: PreparedSlip, target: Path, post: Callable[[object], None], sealed: SealedSlip) -> None:
    """Write what was sealed; this runs on the desk's thread."""
    slip_id = prepared.slip.slip_id
    if sealed.failure:
        post(_Done(slip_id, failure=sealed.failure))
        return
    try:
        written = file_slip(target, sealed.page, prepared.record)
    except SlipNotWritten as error:
        post(_Done(slip_id, failure=error.code))
        return
    post(_Done(slip_id, page=written))


def choose_file(parent: QWidget, title: str, suggested: str) -> Path | None:
    """Ask where to keep a slip; None where the clerk thinks better of it."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, suggested, "PDF (*.pdf)")
    return Path(chosen) if chosen else None


def choose_printer(parent: QWidget, name: str) -> QPrinter | None:
    """Ask for a printer; None where the clerk thinks better of it. ``name`` stands in the printer's queue."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(name)
    printer.setFullPage(True)
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QDialog.DialogCode.Accepted else None
