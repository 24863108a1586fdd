"""The tree of errors of this program; every leaf has a stable code.

MotCuaError
├─ Cancelled                      cancelled
├─ PCSCError                      the way to the card does not work
│   ├─ ServiceUnavailable         pcsc-no-service
│   ├─ AccessRefused              pcsc-access-denied
│   ├─ NoReader                   pcsc-no-reader
│   ├─ ReaderGone                 pcsc-reader-gone
│   ├─ NoCard                     pcsc-no-card
│   ├─ MuteCard                   pcsc-mute-card
│   ├─ CardHeld                   pcsc-card-held
│   └─ ReaderTrouble              pcsc-trouble
├─ CardError                      the card, or what it answers
│   ├─ CardRemoved                card-removed
│   ├─ CardReset                  card-reset
│   ├─ UnexpectedStatus           card-status
│   ├─ UnsupportedCard            card-unsupported
│   ├─ DifferentDocument          different-document
│   ├─ BudgetExceeded             card-budget-exceeded
│   ├─ AccessFailed               access-failed
│   │   ├─ WrongPassword          wrong-password
│   │   ├─ TriesAtRisk            tries-at-risk
│   │   └─ MrzNeeded              mrz-needed
│   └─ SecureMessagingError       secure-messaging-integrity
│       └─ UnprotectedStatus      secure-messaging-integrity
├─ DataError                      malformed-data
└─ RegisterError                  (auth.errors) the registers

Foreign exceptions are mapped onto this tree once, at the border where they come in. An error's text never holds a
secret or personal data: codes, lengths, offsets and status words only.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AccessFailed",
    "AccessRefused",
    "BudgetExceeded",
    "Cancelled",
    "CardError",
    "CardHeld",
    "CardRemoved",
    "CardReset",
    "DataError",
    "DifferentDocument",
    "MotCuaError",
    "MrzNeeded",
    "MuteCard",
    "NoCard",
    "NoReader",
    "PCSCError",
    "ReaderGone",
    "ReaderTrouble",
    "SecureMessagingError",
    "ServiceUnavailable",
    "TriesAtRisk",
    "UnexpectedStatus",
    "UnprotectedStatus",
    "UnsupportedCard",
    "WrongPassword",
]


class MotCuaError(Exception):
    """Stand at the root: every error that this program raises on purpose."""

    code: ClassVar[str] = "internal"


class Cancelled(MotCuaError):
    """Say that the caller's cancel event was set; nothing was sent after it was seen."""

    code = "cancelled"


class PCSCError(MotCuaError):
    """Say that PC/SC does not give us a card; ``result`` is the PC/SC return code where there is one."""

    code = "pcsc-trouble"

    def __init__(self, text: str = "", *, result: int | None = None) -> None:
        shown = f" (0x{result & 0xFFFFFFFF:08X})" if result is not None else ""
        super().__init__(f"{text or self.code}{shown}")
        self.result = result


class ServiceUnavailable(PCSCError):
    """Say that no PC/SC service answers."""

    code = "pcsc-no-service"


class AccessRefused(PCSCError):
    """Say that the PC/SC service refuses this user (polkit, socket permissions)."""

    code = "pcsc-access-denied"


class NoReader(PCSCError):
    """Say that the service knows no reader, or not the one asked for."""

    code = "pcsc-no-reader"


class ReaderGone(PCSCError):
    """Say that the reader was unplugged while in use."""

    code = "pcsc-reader-gone"


class NoCard(PCSCError):
    """Say that the reader is empty."""

    code = "pcsc-no-card"


class MuteCard(PCSCError):
    """Say that something lies on the reader that does not answer a reset."""

    code = "pcsc-mute-card"


class CardHeld(PCSCError):
    """Say that another program holds the card exclusively."""

    code = "pcsc-card-held"


class ReaderTrouble(PCSCError):
    """Say that PC/SC failed in a way that has no name of its own; ``result`` tells which."""

    code = "pcsc-trouble"


class CardError(MotCuaError):
    """Say that the card, or what it answered, ended the work."""

    code = "card-trouble"


class CardRemoved(CardError):
    """Say that the card left the reader in the middle of the work."""

    code = "card-removed"


class CardReset(CardError):
    """Say that somebody else reset the card in the middle of the work."""

    code = "card-reset"


class UnexpectedStatus(CardError):
    """Say that the card answered ``sw`` where another status word was needed; ``step`` names the command."""

    code = "card-status"

    def __init__(self, step: str, sw: int) -> None:
        super().__init__(f"{step}: status {sw:04X}")
        self.step = step
        self.sw = sw


class UnsupportedCard(CardError):
    """Say that the card offers nothing this reader can open."""

    code = "card-unsupported"


class DifferentDocument(CardError):
    """Say that another document answers than the one whose reading was to go on."""

    code = "different-document"


class BudgetExceeded(CardError):
    """Say that the card kept on answering beyond the bytes, APDUs or seconds a file may take."""

    code = "card-budget-exceeded"


class AccessFailed(CardError):
    """Say that the access protocol was ended for a reason other than the password; ``step`` names where."""

    code = "access-failed"

    def __init__(self, step: str, sw: int | None = None) -> None:
        super().__init__(step if sw is None else f"{step}: status {sw:04X}")
        self.step = step
        self.sw = sw


class WrongPassword(AccessFailed):
    """Say that password and chip do not fit together; ``tries_left`` where the chip told it."""

    code = "wrong-password"

    def __init__(self, step: str, sw: int | None = None, tries_left: int | None = None) -> None:
        super().__init__(step, sw)
        self.tries_left = tries_left


class TriesAtRisk(AccessFailed):
    """Say that a PIN or PUK was not used, since the chip told that ``tries_left`` is low and nobody agreed to it.

    Nothing was spent. ``can_first`` says that the chip wants to be opened by its CAN before it takes the last try.
    """

    code = "tries-at-risk"

    def __init__(self, step: str, sw: int | None = None, *, tries_left: int, can_first: bool = False) -> None:
        super().__init__(step, sw)
        self.tries_left = tries_left
        self.can_first = can_first


class MrzNeeded(AccessFailed):
    """Say that only BAC is left and BAC needs number, birth and expiry from the MRZ."""

    code = "mrz-needed"

    def __init__(self, step: str = "bac needs the mrz", sw: int | None = None) -> None:
        super().__init__(step, sw)


class SecureMessagingError(CardError):
    """Say that a protected answer did not verify; the channel is dead and nothing of the answer was used."""

    code = "secure-messaging-integrity"


class UnprotectedStatus(SecureMessagingError):
    """Say that the card answered a protected command with a bare status ``sw`` that nobody vouches for.

    ``channel_alive`` tells whether a protected command sent afterwards was answered under the same keys: then the
    channel may be used further, though nothing may be concluded from ``sw`` itself. Otherwise the channel is dead.
    """

    def __init__(self, sw: int, *, channel_alive: bool) -> None:
        super().__init__(f"unprotected status {sw:04X}")
        self.sw = sw
        self.channel_alive = channel_alive


class DataError(MotCuaError):
    """Say that bytes from a card, a file or the network are malformed; ``offset`` says where, never what."""

    code = "malformed-data"

    def __init__(self, what: str, offset: int | None = None) -> None:
        super().__init__(what if offset is None else f"{what} at offset {offset}")
        self.what = what
        self.offset = offset
