"""Poppler's programs, unpacked under ``build/peers``: a reader of PDF files that nobody here wrote."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["Poppler"]


class Poppler:
    """Read PDF files by another maker's programs."""

    def __init__(self, root: Path) -> None:
        self._root = root / "build" / "peers"

    @classmethod
    def is_here(cls, root: Path) -> bool:
        """Tell whether the programs are unpacked."""
        return (root / "build" / "peers" / "usr" / "bin" / "pdftotext").exists()

    def pages(self, pdf: bytes) -> list[str]:
        """Return the text of each page, in reading order."""
        text = self._run("pdftotext", "-enc", "UTF-8", "-", "-", given=pdf).decode()
        return text.split("\f")[:-1]

    def fonts(self, pdf: bytes, beside: Path) -> list[str]:
        """Return a line a font, as pdffonts prints them."""
        file = beside / "fonts.pdf"
        file.write_bytes(pdf)
        return self._run("pdffonts", str(file)).decode().splitlines()[2:]

    def picture(self, pdf: bytes, beside: Path, page: int, dpi: int = 40) -> bytes:
        """Return one page, from 1, in grey: a PGM file."""
        file = beside / "picture.pdf"
        file.write_bytes(pdf)
        wanted = ("-r", str(dpi), "-f", str(page), "-l", str(page), "-gray", "-singlefile", str(file))
        return self._run("pdftoppm", *wanted)

    def signatures(self, pdf: bytes, beside: Path) -> str:
        """Return what pdfsig says; it knows no anchors of ours, so of trust it says nothing that counts."""
        file = beside / "signed.pdf"
        file.write_bytes(pdf)
        return self._run("pdfsig", "-nocert", str(file)).decode()

    def _run(self, program: str, *arguments: str, given: bytes | None = None) -> bytes:
        libraries = next((self._root / "usr" / "lib").glob("*-linux-gnu"))
        there = os.environ.get("LD_LIBRARY_PATH", "")
        environment = {**os.environ, "LD_LIBRARY_PATH": f"{libraries}:{there}".rstrip(":")}
        command = [str(self._root / "usr" / "bin" / program), *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60, env=environment).stdout
