"""The register as terminal of Chip Authentication, through a desk that never learns the session's keys.

Everything after GENERAL AUTHENTICATE is deterministic, so the register can hand out its ephemeral public key together
with the first protected commands of the session to come, and judge the answer whenever that arrives. It keeps nothing
in between: the ephemeral private key follows from a secret and the challenge token (ICAO 9303-11 §6.2, §9.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from auth.presence.claims import ChipProtocol, Target
from auth.presence.encoding import canonical
from reader.access import EllipticGroup, Group, MultiplicativeGroup, SecureMessaging, SessionKeys
from reader.crypto import COUNTER_ENC, COUNTER_MAC, CipherSuite, derive_key
from reader.errors import CardError, DataError
from reader.genuine import ChipKey, choose_chip_key
from reader.genuine.chip_keys import STRENGTH, oid_of
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU
from reader.lds import SecurityInfos
from reader.trust import EcPublicKey
from reader.verdict import Verdict

__all__ = ["Relayed", "chip_key_of", "commands_of", "ephemeral_scalar", "relayed"]

E = TypeVar("E")

# More random bits than the order has: what the reduction favours is then below 2^-128 (FIPS 186-5 A.2.1).
_SURPLUS_BYTES = 16
_DG14_SFI, _DG14_FID = 0x8E, b"\x01\x0e"
_LONGEST_READ = 223


def chip_key_of(infos: SecurityInfos, protocol: ChipProtocol | None = None) -> ChipKey | Verdict:
    """Return the key of DG14 that both sides mean.

    Where DG14 names no protocol for its key, ``protocol`` may say which cipher the chip was found to take.
    """
    chosen = choose_chip_key(infos)
    if isinstance(chosen, Verdict) or protocol is None or not chosen.inferred:
        return chosen
    for suite in STRENGTH:
        if oid_of(chosen.key, suite) == protocol.oid:
            return replace(chosen, suite=suite, oid=protocol.oid)
    return chosen


def ephemeral_scalar(secret: bytes, transcript: bytes, chosen: ChipKey) -> int:
    """Return the register's ephemeral private key for one challenge: the same for the same secret and token."""
    order = _order(chosen)
    size = (order.bit_length() + 7) // 8 + _SURPLUS_BYTES
    info = b"CPP1-CA\0" + canonical([chosen.key.name, chosen.oid]) + b"\0" + transcript
    stream = HKDFExpand(SHA512(), size, info).derive(secret)
    return int.from_bytes(stream, "big") % (order - 1) + 1


def _order(chosen: ChipKey) -> int:
    return chosen.key.curve.n if isinstance(chosen.key, EcPublicKey) else chosen.key.group.q


@dataclass(frozen=True, slots=True, repr=False)
class Relayed:
    """Hold one session as the register sees it: what the desk is given and what the answers are judged by.

    ``chosen`` is the chip's key that it was agreed with.
    """

    chosen: ChipKey
    terminal_key: bytes
    commands: tuple[bytes, ...]
    _keys: SessionKeys
    _plain: tuple[CommandAPDU, ...]
    _expected: bytes

    def __repr__(self) -> str:
        """Show the number of commands only."""
        return f"Relayed({len(self.commands)} commands)"

    def confirms(self, answers: tuple[bytes, ...]) -> bool:
        """Tell whether these are the chip's answers: MACs first, then status, padding and the bytes of DG14.

        Whoever has not the chip's private key cannot make them; the chances are 2^-64 for each try, of which a token
        allows one.
        """
        if len(answers) != len(self._plain):
            return False
        try:
            opened = [self._open(index, answer) for index, answer in enumerate(answers)]
        except (CardError, DataError):
            return False
        silent, last = opened[:-1], opened[-1]
        return not any(silent) and last == self._expected

    def _open(self, index: int, answer: bytes) -> bytes:
        link = _Replaying(self.commands[index], ResponseAPDU.from_bytes(answer))
        response = SecureMessaging(link, _at(self._keys, index)).transmit(self._plain[index])
        if response.sw != SW.OK:
            raise DataError("another status than success")
        return response.data


def relayed(chosen: ChipKey, scalar: int, target: Target, dg14: bytes) -> Relayed:
    """Return the session that ``scalar`` and the chip's key agree on, with its first commands.

    Raise DataError where the agreement ends in the neutral element.
    """
    if isinstance(chosen.key, EcPublicKey):
        terminal_key, secret = _agree(EllipticGroup(chosen.key.curve), scalar, chosen.key.point)
    else:
        terminal_key, secret = _agree(MultiplicativeGroup(chosen.key.group), scalar, chosen.key.value)
    keys = _session_keys(chosen.suite, secret)
    expected = dg14[:_LONGEST_READ]
    plain = commands_of(target, dg14)
    commands = tuple(_compose(_at(keys, index), command) for index, command in enumerate(plain))
    return Relayed(chosen, terminal_key, commands, keys, plain, expected)


def _agree(group: Group[E], scalar: int, static: E) -> tuple[bytes, bytes]:
    return group.encode(group.scale(scalar, group.generator)), group.secret(group.scale(scalar, static))


def _session_keys(suite: CipherSuite, secret: bytes) -> SessionKeys:
    return SessionKeys(suite, derive_key(secret, COUNTER_ENC, suite), derive_key(secret, COUNTER_MAC, suite))


def _at(keys: SessionKeys, index: int) -> SessionKeys:
    """Return the keys with the counter before command ``index``: it goes up by one with each command and answer."""
    return replace(keys, counter=2 * index)


def commands_of(target: Target, dg14: bytes) -> tuple[CommandAPDU, ...]:
    """Return in plain what is sent first under the new keys: it reads DG14 from its first byte, as far as one goes."""
    length = min(len(dg14), _LONGEST_READ)
    if target is Target.READ_BY_SFI:
        return (CommandAPDU(0x00, 0xB0, _DG14_SFI, 0x00, b"", length),)
    select = CommandAPDU(0x00, 0xA4, 0x02, 0x0C, _DG14_FID)
    return select, CommandAPDU(0x00, 0xB0, 0x00, 0x00, b"", length)


class _Composed(Exception):
    """Carry a protected command out of the channel that would have sent it."""

    def __init__(self, command: CommandAPDU) -> None:
        super().__init__()
        self.command = command


class _Composing:
    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        raise _Composed(command)


def _compose(keys: SessionKeys, command: CommandAPDU) -> bytes:
    try:
        SecureMessaging(_Composing(), keys).transmit(command)
    except _Composed as composed:
        return composed.command.to_bytes()
    raise AssertionError("a link that only composes returned an answer")


class _Replaying:
    """Give one recorded answer to one command, and none to any other."""

    def __init__(self, command: bytes, answer: ResponseAPDU) -> None:
        self._command = command
        self._answer = answer

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if command.to_bytes() != self._command:
            raise CardError("no answer to that command was recorded")
        return self._answer
