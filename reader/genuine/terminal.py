"""Terminal Authentication version 1: the terminal shows by certificates and a signature that it may read DG3 and DG4.

The chip hands out what it trusts in EF.CVCA; the certificates from there to this terminal are sent one by one, and at
the end the terminal signs a challenge together with its ephemeral key of Chip Authentication, so that the right it is
given belongs to this channel (ICAO 9303-11 §7.1 and appendix K, BSI TR-03110-1 §3.5). That a chip refuses says
something about our certificates or its rules, not that the document is forged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reader.access import SecureMessaging
from reader.errors import DataError
from reader.files import Buffers
from reader.genuine.cv_certificate import CvCertificate, is_reference
from reader.genuine.terminal_credentials import TerminalCredentials
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode, parse
from reader.lds import SecurityInfos, TerminalAuthenticationInfo
from reader.verdict import Note, Severity, Verdict

__all__ = [
    "TerminalReason",
    "TerminalSide",
    "authenticate_terminal",
    "choose_terminal_info",
    "granted_groups",
    "judge_without_credentials",
    "read_trust_points",
]

VERSION = 1
CVCA_FID, CVCA_SFI = bytes.fromhex("011C"), 0x1C
CVCA_BYTES = 36
CHALLENGE_BYTES = 8
CHAINED = 0x10
# What stands around the data of a protected command: header, length fields, tags, padding and the checksum.
AROUND_COMMAND = 48
_RIGHT_OF_GROUP = {3: 0x01, 4: 0x02}


class TerminalReason(StrEnum):
    """Name the ways in which ``genuine.terminal-authentication`` comes out."""

    ACCEPTED = "accepted-by-chip"
    OPEN = "access-rule-missing"
    REFUSED = "refused-by-chip"
    NOT_FINISHED = "not-finished"
    NO_CHIP_KEYS = "chip-keys-missing"
    KEY_NOT_READ = "key-not-read"
    NOT_OFFERED = "not-offered"
    NOTHING_TO_OPEN = "nothing-to-open"
    NO_CREDENTIALS = "no-credentials"
    NO_CHAIN = "no-chain-to-chip"
    NOT_SUPPORTED = "protocol-not-supported"


@dataclass(frozen=True, slots=True, repr=False)
class TerminalSide:
    """Hold what the terminal brings to the protocol.

    ``chip_id`` names the chip, ``terminal_key`` is our compressed ephemeral key; both belong to the session of now.
    ``buffers`` are those that card and reader share, ``chaining`` tells that the chip says it takes chained commands.
    """

    credentials: TerminalCredentials
    chip_id: bytes
    terminal_key: bytes
    moment: datetime
    buffers: Buffers | None = None
    chaining: bool = False


class _Refused(Exception):
    """Carry the step and the status word at which a chip would not go on."""

    def __init__(self, step: str, sw: int) -> None:
        super().__init__(step)
        self.step = step
        self.sw = sw


def judge_without_credentials() -> Verdict:
    """Say that this terminal cannot authenticate itself to the chip (CH-20)."""
    return Verdict.unavailable(TerminalReason.NO_CREDENTIALS)


def choose_terminal_info(infos: SecurityInfos) -> TerminalAuthenticationInfo | Verdict:
    """Return the info of version 1, or say why there is none."""
    if not infos.terminal_authentication:
        return Verdict.not_applicable(TerminalReason.NOT_OFFERED)
    usable = [info for info in infos.terminal_authentication if info.version == VERSION]
    return usable[0] if usable else Verdict.unavailable(TerminalReason.NOT_SUPPORTED)


def read_trust_points(link: SecureMessaging, info: TerminalAuthenticationInfo) -> tuple[bytes, ...]:
    """Read EF.CVCA and return the references in it, the most recent first (appendix K.2).

    It lies where ``info`` says, else in its default place, and has one or two references in 36 bytes. Empty where it
    cannot be read or makes no sense. Raise what the link raises.
    """
    short_id = info.cvca_sfi if info.cvca_fid is not None else CVCA_SFI
    if short_id is None or not 0 < short_id < 0x1F:
        selected = link.transmit(CommandAPDU(0x00, 0xA4, 0x02, 0x0C, info.cvca_fid or CVCA_FID))
        if selected.sw != SW.OK:
            return ()
        response = link.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=CVCA_BYTES))
    else:
        response = link.transmit(CommandAPDU(0x00, 0xB0, 0x80 | short_id, 0x00, ne=CVCA_BYTES))
    if response.sw not in (SW.OK, SW.END_OF_FILE):
        return ()
    return _references(response.data[:CVCA_BYTES])


def _references(raw: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    offset = 0
    try:
        while offset < len(raw) and raw[offset] == 0x42 and len(found) < 2:
            reference = parse(raw, offset)
            if not is_reference(reference.value):
                return ()
            found.append(reference.value)
            offset = reference.end
    except DataError:
        return ()
    return tuple(found)


def authenticate_terminal(
    link: SecureMessaging, side: TerminalSide, references: Sequence[bytes]
) -> tuple[Verdict, tuple[int, ...]]:
    """Send the certificates from one of ``references`` to this terminal, then sign the chip's challenge.

    Return the verdict and the data groups that are open now. A refusal is Inconclusive and names step and status; the
    channel goes on. Raise what the link raises.
    """
    chain = side.credentials.chain_to(references, side.moment.date())
    names = " ".join(reference.decode("latin-1") for reference in references)
    if not chain:
        return Verdict.unavailable(TerminalReason.NO_CHAIN, {"chip-trusts": names or "nothing readable"}), ()
    evidence = {
        "chain": " > ".join(certificate.name for certificate in chain),
        "under": chain[0].issuer.decode("latin-1"),
        "algorithm": chain[-1].public_key.algorithm.name,
    }
    try:
        for certificate in chain:
            _send_certificate(link, certificate, side)
        _sign_challenge(link, chain[-1], side)
    except _Refused as refusal:
        evidence |= {"step": refusal.step, "status": f"{refusal.sw:04X}"}
        return Verdict.inconclusive(TerminalReason.REFUSED, evidence), ()
    opened = granted_groups(chain)
    rights = " ".join(f"DG{number}" for number in opened) or "none"
    notes = [Note("sha1-signature", Severity.INFO)] if chain[-1].public_key.algorithm.hash_name == "sha1" else []
    return Verdict.passed(TerminalReason.ACCEPTED, evidence | {"rights": rights}, *notes), opened


def granted_groups(chain: Sequence[CvCertificate]) -> tuple[int, ...]:
    """Return the data groups that every certificate of a chain has the right to (§7.1.4.3.6)."""
    rights = 0x3F
    for certificate in chain:
        rights &= certificate.rights
    return tuple(number for number, right in _RIGHT_OF_GROUP.items() if rights & right)


def _send_certificate(link: SecureMessaging, certificate: CvCertificate, side: TerminalSide) -> None:
    """Name the key that verifies, then hand over body and signature, in this order (§7.1.5.1, §7.1.5.2)."""
    template = CommandAPDU(0x00, 0x22, 0x81, 0xB6, encode(0x83, certificate.issuer))
    _expect(link.transmit(template), f"set dst for {certificate.name}")
    answer = _transmit_long(link, 0x2A, 0x00, 0xBE, certificate.body + certificate.signature, side)
    _expect(answer, f"verify certificate of {certificate.name}")


def _sign_challenge(link: SecureMessaging, system: CvCertificate, side: TerminalSide) -> None:
    template = CommandAPDU(0x00, 0x22, 0x81, 0xA4, encode(0x83, system.holder))
    _expect(link.transmit(template), "set at")
    answer = _expect(link.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, ne=CHALLENGE_BYTES)), "get challenge")
    if len(answer.data) != CHALLENGE_BYTES:
        raise _Refused("get challenge", answer.sw)
    message = side.chip_id + answer.data + side.terminal_key
    signature = side.credentials.key_of(system).sign(message, system.public_key)
    _expect(_transmit_long(link, 0x82, 0x00, 0x00, signature, side), "external authenticate")


def _expect(response: ResponseAPDU, step: str) -> ResponseAPDU:
    if response.sw != SW.OK:
        raise _Refused(step, response.sw)
    return response


def _transmit_long(link: SecureMessaging, ins: int, p1: int, p2: int, data: bytes, side: TerminalSide) -> ResponseAPDU:
    """Send data that a short command may not hold.

    Extended length goes where the chip states buffers that are large enough, chaining where it says that it takes it
    (§9.3.1.2, §9.3.2). Where it says neither, extended length is tried: a chip whose keys need it has to have it
    (§9.3.1.1).
    """
    short = link.chunk_sizes.short
    stated = side.buffers is not None and len(data) + AROUND_COMMAND <= side.buffers.command
    if len(data) <= short or stated or not side.chaining:
        return link.transmit(CommandAPDU(0x00, ins, p1, p2, data))
    last = (len(data) - 1) // short * short
    for offset in range(0, last, short):
        answer = link.transmit(CommandAPDU(CHAINED, ins, p1, p2, data[offset : offset + short]))
        if answer.sw != SW.OK:
            return answer
    return link.transmit(CommandAPDU(0x00, ins, p1, p2, data[last:]))
