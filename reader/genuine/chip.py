"""Chip Authentication version 1: the chip proves its static key by answering under new session keys.

The agreement itself proves nothing, since a clone can answer "9000" to any key. So this file only agrees and changes
the keys of the channel; the verdict *passed* is given by whoever then received an answer that verified under them
(ICAO 9303-11 §6.2, BSI TR-03110-1 §3.4). Which key and which protocol are taken is in ``chip_keys``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from reader.access import (
    EllipticGroup,
    Group,
    MultiplicativeGroup,
    SecureMessaging,
    SessionKeys,
    compress_public_key,
    encode_oid,
)
from reader.crypto import COUNTER_ENC, COUNTER_MAC, CipherSuite, Rng, derive_key, system_rng
from reader.genuine.chip_keys import STRENGTH, ChipKey, ChipReason, oid_of
from reader.iso7816 import SW, CardLink, CommandAPDU, encode
from reader.trust import EcPublicKey
from reader.verdict import Note, Verdict

__all__ = ["Agreement", "agree_with_chip", "confirmed", "not_confirmed", "refused", "send_terminal_key"]

E = TypeVar("E")

SHORT_DATA = 255
SHORT_NE = 256
EXTENDED_NE = 65536


@dataclass(frozen=True, slots=True, repr=False)
class Agreement:
    """Hold what was agreed with: the key, with the cipher that the chip took, and our compressed ephemeral key.

    The latter is what Terminal Authentication signs (§7.1.2).
    """

    key: ChipKey
    terminal_key: bytes


def agree_with_chip(link: SecureMessaging, chosen: ChipKey, rng: Rng = system_rng) -> Agreement | Verdict:
    """Agree on new session keys and put them into ``link``; what is agreed has to be confirmed by the next answer.

    A refusal is a Failed verdict and leaves the old keys in place. Raise what the link raises.
    """
    if isinstance(chosen.key, EcPublicKey):
        curve = chosen.key.curve
        return _agree(link, chosen, EllipticGroup(curve), chosen.key.point, rng)
    group = chosen.key.group
    return _agree(link, chosen, MultiplicativeGroup(group), chosen.key.value, rng)


def _agree(link: SecureMessaging, chosen: ChipKey, group: Group[E], static: E, rng: Rng) -> Agreement | Verdict:
    scalar = group.draw(rng)
    ours = group.encode(group.scale(scalar, group.generator))
    taken, sw = send_terminal_key(link, chosen, ours)
    if sw != SW.OK:
        return refused(chosen, f"{sw:04X}")
    link.change_keys(_session_keys(taken.suite, group.secret(group.scale(scalar, static))))
    return Agreement(taken, compress_public_key(taken.domain, ours))


def _session_keys(suite: CipherSuite, secret: bytes) -> SessionKeys:
    return SessionKeys(suite, derive_key(secret, COUNTER_ENC, suite), derive_key(secret, COUNTER_MAC, suite), 0)


def send_terminal_key(link: CardLink, chosen: ChipKey, ours: bytes) -> tuple[ChipKey, int]:
    """Send a terminal's ephemeral key; return the protocol that the chip took, and the last status word (§6.2.4).

    After success the chip goes on under new keys, which whoever made the ephemeral key knows.

    3DES goes by MSE:Set KAT, and where the chip does not have that, like AES (§8.5, note 1). A key of which DG14 says
    no protocol means 3DES; a chip that refuses that both ways is asked for AES, which costs nothing but the question.
    """
    if chosen.suite is CipherSuite.TDES:
        template = encode(0x91, ours) + _reference(chosen)
        sw = link.transmit(CommandAPDU(0x00, 0x22, 0x41, 0xA6, template)).sw
        if sw == SW.OK:
            return chosen, sw
    first = int(SW.OK)
    for protocol in _protocols(chosen):
        template = encode(0x80, encode_oid(protocol.oid)) + _reference(chosen)
        sw = link.transmit(CommandAPDU(0x00, 0x22, 0x41, 0xA4, template)).sw
        if sw == SW.OK:
            return protocol, _authenticate(link, ours)
        first = sw if first == SW.OK else first
    return chosen, first


def _protocols(chosen: ChipKey) -> Iterator[ChipKey]:
    yield chosen
    if chosen.inferred:
        for suite in STRENGTH[1:]:
            yield replace(chosen, suite=suite, oid=oid_of(chosen.key, suite))


def _authenticate(link: CardLink, ours: bytes) -> int:
    """Send GENERAL AUTHENTICATE, for which extended length is always allowed (§9.3.1.2)."""
    field = encode(0x7C, encode(0x80, ours))
    ne = EXTENDED_NE if len(field) > SHORT_DATA else SHORT_NE
    return link.transmit(CommandAPDU(0x00, 0x86, 0x00, 0x00, field, ne)).sw


def _reference(chosen: ChipKey) -> bytes:
    """Name the key where DG14 holds several (CH-10)."""
    if chosen.key_id is None:
        return b""
    size = max(1, (chosen.key_id.bit_length() + 7) // 8)
    return encode(0x84, chosen.key_id.to_bytes(size, "big"))


def confirmed(chosen: ChipKey, by: str) -> Verdict:
    """Say that an answer verified under the new keys; ``by`` names the command (CH-08)."""
    notes = [Note("protocol-inferred")] if chosen.inferred else []
    if chosen.key.is_short:
        notes.append(Note("short-key"))
    return Verdict.passed(ChipReason.CONFIRMED, chosen.describe() | {"confirmed-by": by}, *notes)


def not_confirmed(chosen: ChipKey, status: str) -> Verdict:
    """Say that the first answer under the new keys did not verify: the chip does not have the private key (CH-07)."""
    return Verdict.failed(ChipReason.NOT_CONFIRMED, chosen.describe() | {"answer": status})


def refused(chosen: ChipKey, status: str) -> Verdict:
    """Say that the chip refuses the protocol that its signed DG14 offers (CH-09)."""
    return Verdict.failed(ChipReason.REFUSED, chosen.describe() | {"status": status})
