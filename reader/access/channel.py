"""Open a chip: EF.CardAccess, then PACE, or BAC where PACE is not offered or policy allows it after a recorded failure.

The master file is never selected: EF.CardAccess is read by its short identifier right after the reset, and a
Vietnamese card answers 6D00 to SELECT MF (AC-21).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reader.access.bac import establish_bac
from reader.access.pace import PaceResult, establish_pace
from reader.access.pace_protocols import are_parameters_ambiguous, rank_offers
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
    UnsupportedCard,
    WrongPassword,
)
from reader.files import FileId, FileRead, read_file, select_application
from reader.iso7816 import SW, CardLink
from reader.lds import PaceInfo, SecurityInfos, parse_security_infos

__all__ = ["AccessProtocol", "Channel", "PaceFailure", "PaceFailureReason", "open_channel"]


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
    a chip that wanted its only domain parameters named (AC-11).
    """

    link: SecureMessaging
    protocol: AccessProtocol
    password: Password
    card_access: FileRead
    offered: SecurityInfos | None
    pace: PaceInfo | None = None
    pace_failure: PaceFailure | None = None
    wanted_reference: bool = False


def open_channel(
    link: CardLink,
    passwords: Sequence[Password],
    *,
    allow_bac_after_pace_failure: bool = False,
    reset: Callable[[], None] | None = None,
    rng: Rng = system_rng,
) -> Channel:
    """Open the chip behind ``link``, which was reset just now, with the first of ``passwords`` that fits the protocol.

    PACE takes a CAN or an MRZ key, BAC an MRZ key only. ``reset``, where given, resets the card behind the same link:
    it is used for one more try of PACE after a transport fault, and before BAC (AC-02).

    Raise WrongPassword (never tried again by itself), MrzNeeded where only BAC is left and no MRZ key was given,
    AccessFailed where the protocol failed otherwise, UnsupportedCard where there is nothing to open, and what the link
    raises.
    """
    return _Opening(link, tuple(passwords), allow_bac_after_pace_failure, reset, rng).run()


class _Opening:
    """Hold what one opening goes by."""

    def __init__(
        self,
        link: CardLink,
        passwords: tuple[Password, ...],
        allow_bac: bool,
        reset: Callable[[], None] | None,
        rng: Rng,
    ) -> None:
        if not passwords:
            raise ValueError("at least one password is needed")
        self._link = link
        self._passwords = passwords
        self._allow_bac = allow_bac
        self._reset = reset
        self._rng = rng

    def run(self) -> Channel:
        card_access = read_file(self._link, FileId.CARD_ACCESS)
        offered = _parse(card_access)
        if offered is None or not (offered.pace or offered.pace_domain_parameters):
            return self._by_bac(card_access, offered, None)
        try:
            result, password = self._pace_with_retry(offered)
        except (CardError, MuteCard, ReaderTrouble) as error:
            if not self._allow_bac or isinstance(error, WrongPassword | CardRemoved):
                raise
            return self._by_bac(card_access, offered, _record(error))
        messaging = SecureMessaging(self._link, result.keys)
        _require_application(messaging)
        return Channel(
            messaging,
            AccessProtocol.PACE,
            password,
            card_access,
            offered,
            pace=result.offer.info,
            wanted_reference=result.wanted_reference,
        )

    def _pace_with_retry(self, offered: SecurityInfos) -> tuple[PaceResult, Password]:
        try:
            return self._by_pace(offered)
        except (CardError, MuteCard, ReaderTrouble) as error:
            if self._reset is None or not _is_transport_fault(error):
                raise
        self._reset()
        return self._by_pace(offered)

    def _by_pace(self, offered: SecurityInfos) -> tuple[PaceResult, Password]:
        """Run PACE with the best offer; with the next kind of password only where the chip does not know this one."""
        offers = rank_offers(offered.pace)
        if not offers:
            raise UnsupportedCard("no PACE offer with standardised parameters that this reader performs")
        ambiguous = are_parameters_ambiguous(offered)
        for place, password in enumerate(self._passwords):
            try:
                result = establish_pace(self._link, password, offers[0], ambiguous=ambiguous, rng=self._rng)
            except WrongPassword:
                raise
            except AccessFailed as error:
                unknown_kind = error.step == "pace set at" and error.sw == SW.REFERENCE_NOT_FOUND
                if not unknown_kind or place + 1 == len(self._passwords):
                    raise
            else:
                return result, password
        raise AssertionError("the loop returns or raises")

    def _by_bac(self, card_access: FileRead, offered: SecurityInfos | None, failure: PaceFailure | None) -> Channel:
        key = next((password for password in self._passwords if isinstance(password, MrzKey)), None)
        if key is None:
            raise MrzNeeded()
        if failure is not None and self._reset is not None:
            self._reset()
        _require_application(self._link)
        messaging = SecureMessaging(self._link, establish_bac(self._link, key, self._rng))
        return Channel(messaging, AccessProtocol.BAC, key, card_access, offered, pace_failure=failure)


def _parse(card_access: FileRead) -> SecurityInfos | None:
    """Read what can be read, even of a file that was cut short (AC-03)."""
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
