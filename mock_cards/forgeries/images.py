"""Portraits that an issuer signed and no decoder should trust (e-authentication C7)."""

from __future__ import annotations

import io
import struct

from PIL import Image

from mock_cards.forgeries.forgery import ATTENTION, PROCEED, STOP, Forgery, Make, signed_anew, with_portrait
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.face import make_dg2
from mock_cards.issuing.portrait import DrawnPortrait, draw_portrait

__all__ = ["IMAGES"]

_HUGE = 60_000
_MANY_TILES = 100  # a side: ten thousand tiles
_HTML = b"<html><body onload=alert(1)>not a portrait</body></html>"


def _portrait(image: bytes, format: str) -> Make:
    """Have the issuer sign a DG2 around any bytes."""

    def make(card: IssuedCard, issuer: Issuer) -> IssuedCard:
        portrait = DrawnPortrait(image, 300, 400, format)
        return signed_anew(with_portrait(card, issuer), issuer, DG2=make_dg2(portrait, card.persona.card.sex))

    return make


def _drawn(card: IssuedCard, issuer: Issuer) -> bytes:
    return draw_portrait(with_portrait(card, issuer).persona.card).image


def _changed(card: IssuedCard, issuer: Issuer, image: bytes) -> IssuedCard:
    drawn = draw_portrait(card.persona.card)
    changed = DrawnPortrait(image, drawn.width, drawn.height, drawn.format)
    return signed_anew(card, issuer, DG2=make_dg2(changed, card.persona.card.sex))


def _cut_short(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    image = _drawn(card, issuer)
    return _changed(card, issuer, image[: len(image) // 3])


def _with_zip_behind(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Put an archive behind the picture: to one program a portrait, to another a file full of files."""
    return _changed(card, issuer, _drawn(card, issuer) + b"PK\x03\x04" + bytes(200))


def _of_seventy_kilobytes(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Put a comment of 70,000 bytes into the picture: the file takes READ BINARY with odd instruction (LF-04)."""
    image = _drawn(card, issuer)
    comment = b"".join(b"\xff\xfe" + (35_002).to_bytes(2, "big") + bytes(35_000) for _ in range(2))
    return _changed(
        card, issuer, image[:2] + comment + image[2:] if image[:2] == b"\xff\xd8" else image + bytes(70_000)
    )


def _codestream(width: int, height: int, tile: int) -> bytes:
    """Build a JPEG 2000 codestream that is nothing but a header (ISO/IEC 15444-1 §A.5.1)."""
    size = struct.pack(">H8IH", 0, width, height, 0, 0, tile, tile, 0, 0, 3) + b"\x07\x01\x01" * 3
    return b"\xff\x4f\xff\x51" + (len(size) + 2).to_bytes(2, "big") + size + b"\xff\xd9"


def _picture(mode: str, format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((300, 400)).convert(mode).save(stream, format, **options)
    return stream.getvalue()


def _image(name: str, about: str, make: Make, *fails: str, decision: str = ATTENTION) -> Forgery:
    return Forgery(name, f"{about} (C7)", frozenset(fails), decision, make)


IMAGES: tuple[Forgery, ...] = (
    _image(
        "portrait-huge",
        "the portrait says it has 60,000 by 60,000 pixels",
        _portrait(_codestream(_HUGE, _HUGE, _HUGE), "jpeg2000"),
    ),
    _image(
        "portrait-of-many-tiles",
        "the portrait is in ten thousand tiles",
        _portrait(_codestream(300, 400, 300 // _MANY_TILES), "jpeg2000"),
    ),
    _image("portrait-without-pixels", "the portrait has no pixels", _portrait(_codestream(0, 0, 1), "jpeg2000")),
    _image(
        "portrait-beyond-64k",
        "DG2 has more than 65,536 bytes, which does no harm (LF-04)",
        _of_seventy_kilobytes,
        decision=PROCEED,
    ),
    _image("portrait-cut-short", "two thirds of the portrait are missing", _cut_short),
    _image(
        "portrait-is-a-page", "the portrait is a web page", _portrait(_HTML, "jpeg"), "lds.structure", decision=STOP
    ),
    _image(
        "portrait-with-archive",
        "an archive lies behind the portrait, which does no harm",
        _with_zip_behind,
        decision=PROCEED,
    ),
    _image(
        "portrait-grey",
        "the portrait is grey and bare JPEG 2000, as some States have it",
        _portrait(_picture("L", "JPEG2000", no_jp2=True), "jpeg2000"),
        decision=PROCEED,
    ),
)
