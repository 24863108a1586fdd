"""A slip as a PDF/A-1b file (ISO 19005-1), fonts in it, and as pictures for the preview."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPagedPaintDevice, QPageSize, QPainter, QPdfWriter

from desk.slip import SlipPage
from gui.print.ink import GRID_DPI, PAGE
from gui.print.pages import SlipPages
from gui.theme.type import load_family

__all__ = ["picture_of", "render"]

_running: list[QGuiApplication] = []


def render(page: SlipPage) -> bytes:
    """Return ``page`` as PDF/A-1b; makes an application without a display where none runs yet."""
    _application()
    load_family()
    pages = SlipPages(page)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPdfVersion(QPagedPaintDevice.PdfVersion.PdfVersion_A1b)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(GRID_DPI)
    writer.setTitle(page.document_title)
    writer.setCreator(page.creator)
    painter = QPainter(writer)
    for number in range(len(pages)):
        if number:
            writer.newPage()
        pages.paint(painter, number)
    painter.end()
    return bytes(buffer.data().data())


def picture_of(pages: SlipPages, number: int, width: int) -> QImage:
    """Return one page as a picture ``width`` pixels wide."""
    wide, high = PAGE
    scale = width / wide
    image = QImage(QSize(width, round(high * scale)), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    pages.paint(painter, number)
    painter.end()
    return image


def _application() -> None:
    if QGuiApplication.instance() is None:
        _running.append(QGuiApplication(["motcua", "-platform", "offscreen"]))
