"""Open a chip: EF.CardAccess, then PACE, or BAC where PACE is not offered or policy allows it after a recorded failure.

The master file is never selected: EF.CardAccess is read by its short identifier right after the reset, and a
Vietnamese card answers 6D00 to SELECT MF (AC-21).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reader.access.bac import establish_bac
from reader.access.chip_mapping import ChipMapping
from reader.access.keys import numbered_document
from reader.access.pace import SET_TEMPLATE, ConfirmTries, PaceResult, establish_pace
from reader.access.pace_protocols import OfferRefusal, PaceOffer, are_parameters_ambiguous, rank_offers, refused_offers
from reader.access.password import MrzKey, Password
from reader.access.secure_messaging import SecureMessaging
from reader.crypto import Rng, system_rng
from reader.errors import (
    AccessFailed,
    CardError,
    CardRemoved,
    CardReset,
    DataError,
    MrzNeeded,
    MuteCard,
    ReaderTrouble,
    TriesAtRisk,
    UnsupportedCard,
    WrongPassword,
)
from reader.files import Buffers, FileId, FileRead, ReadLimits, SizePolicy, read_file, select_application
from reader.iso7816 import SW, CardLink
from reader.lds import PaceInfo, SecurityInfos, parse_security_infos

__all__ = ["AccessProtocol", "Channel", "PaceFailure", "PaceFailureReason", "offered_infos", "open_channel"]


class AccessProtocol(StrEnum):
    """Name the protocol that opened the channel."""

    PACE = "pace"
    BAC = "bac"


class PaceFailureReason(StrEnum):
    """Say why PACE, though offered, did not open the channel."""

    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    TRANSPORT = "transport"


@dataclass(frozen=True, slots=True)
class PaceFailure:
    """Record a failed PACE: reason, step, and the status word where the chip gave one."""

    reason: PaceFailureReason
    step: str
    sw: int | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """Hold an open chip with the eMRTD application selected, and how it was opened.

    ``pace_failure`` is set when BAC stepped in for a PACE that was offered: a report must show it. ``card_access`` is
    the file as read, absent or not; ``offered`` what it says, None where it cannot be read. ``wanted_reference`` notes
    a chip that wanted its only domain parameters named (AC-11), ``tries_left`` what the chip told of the password
    before it was used, ``refused_offers`` which offers of PACE were passed over and why (AC-12).

    After chip-authentication mapping ``chip_mapping`` and ``card_security`` are set. Neither has been verified: the
    chip is proven only by ``verify_chip_mapping`` with a key from an EF.CardSecurity whose signature and chain hold.

    ``chip_id`` names the chip in Terminal Authentication: its compressed ephemeral key of PACE, or the document number
    with its check digit after BAC (§7.1.2). ``terminal_key`` is our own compressed key of PACE, empty after BAC.
    """

    link: SecureMessaging
    protocol: AccessProtocol
    password: Password
    card_access: FileRead
    offered: SecurityInfos | None
    pace: PaceInfo | None = None
    pace_failure: PaceFailure | None = None
    wanted_reference: bool = False
    tries_left: int | None = None
    refused_offers: tuple[OfferRefusal, ...] = ()
    chip_mapping: ChipMapping | None = None
    card_security: FileRead | None = None
    chip_id: bytes = b""
    terminal_key: bytes = b""


# The most that infos, their signature and a signer's certificate take.
CARD_SECURITY_LIMITS = ReadLimits(64 << 10, 512)

# What a chip answers to MSE:Set AT where it has not the protocol, the parameters or the password named (§4.4.4.1).
_NOT_HERE = frozenset({SW.WRONG_DATA, SW.FUNCTION_NOT_SUPPORTED, SW.REFERENCE_NOT_FOUND})


def open_channel(
    link: CardLink,
    passwords: Sequence[Password],
    *,
    allow_bac_after_pace_failure: bool = False,
    reset: Callable[[], None] | None = None,
    rng: Rng = system_rng,
    confirm_tries: ConfirmTries | None = None,
    buffers: Buffers | None = None,
) -> Channel:
    """Open the chip behind ``link``, which was reset just now, with the first of ``passwords`` that fits the protocol.

    PACE takes any password, BAC an MRZ key only. ``reset``, where given, resets the card behind the same link: it is
    used for one more try of PACE after a transport fault, and before BAC (AC-02). ``confirm_tries`` is asked before a
    PIN or PUK of which tries were lost is used; without it that raises TriesAtRisk (AC-19). ``buffers`` are those that
    card and reader share, for EF.CardSecurity.

    Raise WrongPassword (never tried again by itself), MrzNeeded where only BAC is left and no MRZ key was given,
    AccessFailed where the protocol failed otherwise, UnsupportedCard where there is nothing to open, and what the link
    raises.
    """
    return _Opening(link, tuple(passwords), allow_bac_after_pace_failure, reset, rng, confirm_tries, buffers).run()


class _Opening:
    """Hold what one opening goes by."""

    def __init__(
        self,
        link: CardLink,
        passwords: tuple[Password, ...],
        allow_bac: bool,
        reset: Callable[[], None] | None,
        rng: Rng,
        confirm_tries: ConfirmTries | None,
        buffers: Buffers | None,
    ) -> None:
        if not passwords:
            raise ValueError("at least one password is needed")
        self._link = link
        self._passwords = passwords
        self._allow_bac = allow_bac
        self._reset = reset
        self._rng = rng
        self._confirm_tries = confirm_tries
        self._buffers = buffers

    def run(self) -> Channel:
        card_access = read_file(self._link, FileId.CARD_ACCESS)
        offered = offered_infos(card_access)
        if offered is None or not (offered.pace or offered.pace_domain_parameters):
            return self._by_bac(card_access, offered, None)
        try:
            result, password = self._pace_with_retry(offered)
        except (CardError, MuteCard, ReaderTrouble) as error:
            if not self._allow_bac or isinstance(error, WrongPassword | TriesAtRisk | CardRemoved):
                raise
            return self._by_bac(card_access, offered, _record(error))
        messaging = SecureMessaging(self._link, result.keys)
        card_security = self._read_card_security(messaging) if result.chip_mapping else None
        _require_application(messaging)
        return Channel(
            messaging,
            AccessProtocol.PACE,
            password,
            card_access,
            offered,
            pace=result.offer.info,
            wanted_reference=result.wanted_reference,
            tries_left=result.tries_left,
            refused_offers=refused_offers(offered),
            chip_mapping=result.chip_mapping,
            card_security=card_security,
            chip_id=result.chip_key,
            terminal_key=result.terminal_key,
        )

    def _pace_with_retry(self, offered: SecurityInfos) -> tuple[PaceResult, Password]:
        try:
            return self._by_pace(offered)
        except (CardError, MuteCard, ReaderTrouble) as error:
            if self._reset is None or not _is_transport_fault(error):
                raise
            if any(password.counts_tries for password in self._passwords):
                # The chip may have counted a try before the way to it failed: a second one is not ours to spend.
                raise
        self._reset()
        return self._by_pace(offered)

    def _by_pace(self, offered: SecurityInfos) -> tuple[PaceResult, Password]:
        """Run PACE with the best offer and the first password.

        The next kind of password is taken where the chip does not know this one, the next offer where it does not
        perform this one; both show before any password was used. A wrong password ends it.
        """
        offers = rank_offers(offered.pace)
        if not offers:
            raise UnsupportedCard(f"no PACE offer that this reader performs: {' '.join(refused_offers(offered))}")
        ambiguous = are_parameters_ambiguous(offered)
        refused: AccessFailed | None = None
        for offer in offers:
            for password in self._passwords:
                try:
                    result = self._establish(password, offer, ambiguous)
                except AccessFailed as error:
                    if error.step != SET_TEMPLATE or error.sw not in _NOT_HERE:
                        raise
                    refused = refused or error
                    if error.sw != SW.REFERENCE_NOT_FOUND:
                        break
                else:
                    return result, password
        raise refused or AssertionError("the loop returns or is refused")

    def _establish(self, password: Password, offer: PaceOffer, ambiguous: bool) -> PaceResult:
        return establish_pace(
            self._link, password, offer, ambiguous=ambiguous, rng=self._rng, confirm_tries=self._confirm_tries
        )

    def _by_bac(self, card_access: FileRead, offered: SecurityInfos | None, failure: PaceFailure | None) -> Channel:
        key = next((password for password in self._passwords if isinstance(password, MrzKey)), None)
        if key is None:
            raise MrzNeeded()
        if failure is not None and self._reset is not None:
            self._reset()
        _require_application(self._link)
        messaging = SecureMessaging(self._link, establish_bac(self._link, key, self._rng))
        return Channel(
            messaging,
            AccessProtocol.BAC,
            key,
            card_access,
            offered,
            pace_failure=failure,
            chip_id=numbered_document(key),
        )

    def _read_card_security(self, messaging: SecureMessaging) -> FileRead:
        """Read EF.CardSecurity while the master file is still selected; what it is worth is judged above."""
        sizes = SizePolicy(messaging.chunk_sizes_within(self._buffers))
        return read_file(messaging, FileId.CARD_SECURITY, limits=CARD_SECURITY_LIMITS, size_policy=sizes)


def offered_infos(card_access: FileRead) -> SecurityInfos | None:
    """Return what EF.CardAccess offers, as far as it can be read, even of a file that was cut short (AC-03)."""
    if not card_access.data:
        return None
    try:
        return parse_security_infos(card_access.data)
    except DataError:
        return None


def _require_application(link: CardLink) -> None:
    sw = select_application(link)
    if sw != SW.OK:
        raise UnsupportedCard(f"no eMRTD application: status {sw:04X}")


def _record(error: Exception) -> PaceFailure:
    if isinstance(error, AccessFailed):
        return PaceFailure(PaceFailureReason.REFUSED, error.step, error.sw)
    if isinstance(error, UnsupportedCard):
        return PaceFailure(PaceFailureReason.UNSUPPORTED, str(error))
    return PaceFailure(PaceFailureReason.TRANSPORT, type(error).__name__)


def _is_transport_fault(error: Exception) -> bool:
    """Tell a fault on the way, which a reset may mend, from a refusal; an answer without status is plain CardError."""
    return isinstance(error, CardReset | MuteCard | ReaderTrouble) or type(error) is CardError
