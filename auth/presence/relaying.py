"""Which of a verifier's commands a desk puts to the chip: those that read DG14 as it was asked, and nothing else.

They are protected by keys that only the chip and the verifier know, so the desk sees the header, the lengths and the
expected length of the answer. The header of a READ BINARY by short identifier names the file, and the MAC holds the
chip to it: such a command reads DG14 from its first byte, whoever made it. In ``Target.SELECT_AND_READ`` the name of
the file is inside the cryptogram: a verifier that lies could have another file selected and read the first 223 bytes of
it, and no desk would see that. So it is for chips that cannot be read by short identifier, and the desk alone finds
that.
"""

from __future__ import annotations

from auth.presence.claims import Target
from auth.presence.errors import OfferRefused
from auth.presence.levels import Reason
from auth.presence.relay import commands_of
from reader.crypto import MAC_LENGTH, CipherSuite, pad
from reader.iso7816 import CommandAPDU

__all__ = ["relayable"]

_SECURE_CLASS = 0x0C
_DATA, _LE, _MAC = 0x87, 0x97, 0x8E
_PADDED = 1


def relayable(commands: tuple[bytes, ...], target: Target, suite: CipherSuite, dg14: bytes) -> tuple[CommandAPDU, ...]:
    """Return ``commands`` as they may go to the chip; raise OfferRefused unless they are exactly those of ``target``.

    ``suite`` is that of the agreement to come, ``dg14`` the file as it was read: with them every length is known.
    """
    expected = commands_of(target, dg14)
    fits = len(commands) == len(expected) and all(
        _is_protected(raw, plain, suite) for raw, plain in zip(commands, expected, strict=True)
    )
    if not fits:
        raise OfferRefused(Reason.COMMANDS_DIFFER)
    return tuple(CommandAPDU.from_bytes(raw) for raw in commands)


def _is_protected(raw: bytes, plain: CommandAPDU, suite: CipherSuite) -> bool:
    """Tell whether ``raw`` has the form of ``plain`` under secure messaging (ICAO 9303-11 §9.8.4).

    All of it is given but the cryptogram and the MAC, and these have one length.
    """
    sealed = len(pad(plain.data, suite.block_size)) if plain.data else 0
    data = bytes((_DATA, 1 + sealed, _PADDED)) if sealed else b""
    rest = (bytes((_LE, 1, plain.ne)) if plain.ne else b"") + bytes((_MAC, MAC_LENGTH))
    body = len(data) + sealed + len(rest) + MAC_LENGTH
    head = bytes((plain.cla | _SECURE_CLASS, plain.ins, plain.p1, plain.p2, body)) + data
    end = len(head) + sealed
    return (
        len(raw) == 5 + body + 1
        and raw.startswith(head)
        and raw[end : end + len(rest)] == rest
        and raw.endswith(b"\x00")
    )
