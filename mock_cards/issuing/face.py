"""DG2: one face image in an ISO/IEC 19794-5 record inside CBEFF templates (ICAO 9303-10 §4.7.2)."""

from __future__ import annotations

from mock_cards.issuing.portrait import DrawnPortrait
from reader.iso7816 import encode

__all__ = ["make_dg2"]

_FORMAT_OWNER = b"\x01\x01"  # ISO/IEC JTC 1/SC 37
_FORMAT_TYPE = b"\x00\x08"  # ISO/IEC 19794-5
_GENDER = {"M": 1, "F": 2}
_IMAGE_TYPE = {"jpeg": 0, "jpeg2000": 1}


def make_dg2(portrait: DrawnPortrait, sex: str) -> bytes:
    """Encode DG2 around ``portrait``."""
    header = encode(
        0xA1,
        encode(0x80, b"\x01\x01")  # version of the patron header
        + encode(0x81, b"\x02")  # facial features
        + encode(0x82, b"\x00")
        + encode(0x87, _FORMAT_OWNER)
        + encode(0x88, _FORMAT_TYPE),
    )
    template = encode(0x7F60, header + encode(0x5F2E, _facial_record(portrait, sex)))
    return encode(0x75, encode(0x7F61, encode(0x02, b"\x01") + template))


def _facial_record(portrait: DrawnPortrait, sex: str) -> bytes:
    """Build the record: header, facial information without feature points, image information, image."""
    image_info = (
        b"\x01"  # full frontal
        + bytes((_IMAGE_TYPE[portrait.format],))
        + portrait.width.to_bytes(2, "big")
        + portrait.height.to_bytes(2, "big")
        + b"\x01"  # 24-bit RGB
        + b"\x02"  # static photograph from a digital camera
        + bytes(2)  # device type not given
        + bytes(2)  # quality, fixed to zero in this edition
    )
    block_length = 20 + len(image_info) + len(portrait.image)
    facial_info = (
        block_length.to_bytes(4, "big")
        + bytes(2)  # no feature points
        + bytes((_GENDER[sex],))
        + bytes(2)  # eye and hair colour not given
        + bytes(3)  # no properties
        + bytes(2)  # expression not given
        + bytes(6)  # pose angles and their uncertainty not given
    )
    total = 14 + block_length
    header = b"FAC\x00" + b"010\x00" + total.to_bytes(4, "big") + (1).to_bytes(2, "big")
    return header + facial_info + image_info + portrait.image
