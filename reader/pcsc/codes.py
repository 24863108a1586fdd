"""PC/SC return codes by name, and the one place where they become errors of our tree."""

from __future__ import annotations

from enum import IntEnum

from reader.errors import (
    AccessRefused,
    CardHeld,
    CardRemoved,
    CardReset,
    MotCuaError,
    MuteCard,
    NoCard,
    NoReader,
    PCSCError,
    ReaderGone,
    ReaderTrouble,
    ServiceUnavailable,
)
from reader.iso7816 import ServiceState

__all__ = ["Result", "error_for", "may_have_lost_contact", "raise_for", "service_state_for"]


class Result(IntEnum):
    """Name the return codes that this program tells apart (PC/SC part 5 §3.1.2, pcsclite.h, winerror.h)."""

    SUCCESS = 0
    INTERNAL_ERROR = 0x80100001
    CANCELLED = 0x80100002
    INVALID_HANDLE = 0x80100003
    INVALID_PARAMETER = 0x80100004
    INSUFFICIENT_BUFFER = 0x80100008
    UNKNOWN_READER = 0x80100009
    TIMEOUT = 0x8010000A
    SHARING_VIOLATION = 0x8010000B
    NO_SMARTCARD = 0x8010000C
    PROTO_MISMATCH = 0x8010000F
    NOT_READY = 0x80100010
    SYSTEM_CANCELLED = 0x80100012
    COMM_ERROR = 0x80100013
    NOT_TRANSACTED = 0x80100016
    READER_UNAVAILABLE = 0x80100017
    NO_SERVICE = 0x8010001D
    SERVICE_STOPPED = 0x8010001E
    NO_ACCESS = 0x80100027
    NO_READERS_AVAILABLE = 0x8010002E
    COMM_DATA_LOST = 0x8010002F
    SERVER_TOO_BUSY = 0x80100031
    UNSUPPORTED_CARD = 0x80100065
    UNRESPONSIVE_CARD = 0x80100066
    UNPOWERED_CARD = 0x80100067
    RESET_CARD = 0x80100068
    REMOVED_CARD = 0x80100069
    SECURITY_VIOLATION = 0x8010006A


_REFUSED = frozenset({Result.SECURITY_VIOLATION, Result.NO_ACCESS})

_LOST_CONTACT = frozenset(
    {Result.NOT_TRANSACTED, Result.COMM_ERROR, Result.COMM_DATA_LOST, Result.UNPOWERED_CARD, Result.UNRESPONSIVE_CARD}
)

_WINDOWS_ERRORS = 0xFFFF

_ERRORS: dict[int, type[PCSCError]] = {
    Result.NO_SERVICE: ServiceUnavailable,
    Result.SERVICE_STOPPED: ServiceUnavailable,
    Result.SYSTEM_CANCELLED: ServiceUnavailable,
    # A handle that we hold and the service does not know is one of a service that has been started anew.
    Result.INVALID_HANDLE: ServiceUnavailable,
    Result.SECURITY_VIOLATION: AccessRefused,
    Result.NO_ACCESS: AccessRefused,
    Result.NO_READERS_AVAILABLE: NoReader,
    Result.UNKNOWN_READER: NoReader,
    Result.READER_UNAVAILABLE: ReaderGone,
    Result.NO_SMARTCARD: NoCard,
    Result.UNRESPONSIVE_CARD: MuteCard,
    Result.UNPOWERED_CARD: MuteCard,
    Result.UNSUPPORTED_CARD: MuteCard,
    Result.SHARING_VIOLATION: CardHeld,
}


def error_for(code: int, step: str) -> MotCuaError:
    """Return the error that ``code`` means at ``step`` (the name of the call, never data).

    CardRemoved and CardReset for the two that a card in use meets; the PCSCError with the name for the rest;
    ReaderTrouble for a code without one, Windows' own error numbers among them.
    """
    if code == Result.REMOVED_CARD:
        return CardRemoved(step)
    if code == Result.RESET_CARD:
        return CardReset(step)
    return _ERRORS.get(code, ReaderTrouble)(step, result=code)


def raise_for(code: int, step: str) -> None:
    """Raise what ``code`` means unless it is success."""
    if code != Result.SUCCESS:
        raise error_for(code, step)


def service_state_for(code: int) -> ServiceState:
    """Return what a service that answered a context's calls with ``code`` is to be called."""
    return ServiceState.REFUSED if code in _REFUSED else ServiceState.STOPPED


def may_have_lost_contact(code: int) -> bool:
    """Tell whether ``code`` of a transmit may mean a card that is leaving before the service has noticed it.

    Readers' drivers on Windows hand their own small error numbers through.
    """
    return code in _LOST_CONTACT or 0 < code <= _WINDOWS_ERRORS
