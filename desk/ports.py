"""The desk's ports: what a shell may do with a desk, and what a desk asks of readers and registers.

Shells are found by the entry-point group ``motcua.shells``: the desk imports none. What sandboxes hand over stands in
``desk.sandbox_ports``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from desk.office_certificates import OfficeCertificate
from desk.outcomes import LookupOutcome
from desk.register_kind import RegisterKind
from desk.slip import OnSealed, OnSlip, PreparedSlip
from desk.view import DeskView

# For the annotations only: a window must not wait until the chip protocols and the wire are loaded.
if TYPE_CHECKING:
    from auth.device.keeper import DeviceKeeper
    from auth.ledger.keeper import LedgerKeeper
    from auth.registers.ports import Answer, Confirmation, Lookup
    from auth.registers.worded import Encloses
    from desk.sandbox_ports import CardSandbox
    from desk.tap import RegisterPresence, Tap, TapState
    from desk.waiting import WaitingLookups
    from reader.files.cache import ReadCache
    from reader.inspection.events import OnEvent
    from reader.inspection.open_chip import Afterwards, OpenChip
    from reader.inspection.report import Inspection
    from reader.iso7816 import CardLink
    from reader.lds import KeyInput

__all__ = [
    "DeskControls",
    "DeskRegister",
    "Inspector",
    "OnView",
    "PresenceStep",
    "Registers",
    "Reopener",
    "Shell",
]

OnView = Callable[[DeskView], None]


class DeskControls(Protocol):
    """Take a shell's intents; every method returns at once and may be called from any thread."""

    def subscribe(self, on_view: OnView) -> None:
        """Call ``on_view`` with the present view at once and with each later one, from the desk's threads."""
        ...

    def enter_key(self, text: str) -> None:
        """Take what the clerk typed or scanned: 12 digits, 6 digits, three MRZ lines, or a QR code."""
        ...

    def cancel(self) -> None:
        """Stop what is running and wipe."""
        ...

    def next_citizen(self) -> None:
        """End this visit and wipe."""
        ...

    def look_up_again(self) -> None:
        """Ask the registers once more."""
        ...

    def set_dossier(self, dossier: str) -> None:
        """Set the number of the dossier that this visit is for, empty for none; raise DataError for what is none."""
        ...

    def queue_lookups(self) -> None:
        """Have the look-ups of this visit that a register could not answer wait for it, for the visit's dossier."""
        ...

    def make_slip(self, on_slip: OnSlip) -> None:
        """Call ``on_slip`` with the slip of what is shown, or with why there is none."""
        ...

    def seal_slip(self, prepared: PreparedSlip, pdf: bytes, on_sealed: OnSealed) -> None:
        """Sign a drawn slip and record it; call ``on_sealed`` with it or with why not, from the desk's threads."""
        ...

    def choose_purpose(self, purpose: str) -> None:
        """Set the purpose of the look-ups from now on."""
        ...

    def give_consent(self, purpose: str, language: str, how: str) -> None:
        """Record that the citizen agreed to the text of ``purpose`` in ``language``; ``how`` is a ``ConsentHow``."""
        ...

    def refuse_consent(self) -> None:
        """Record that the citizen did not agree, or no longer does: nobody is asked, and the visit goes on."""
        ...

    def go_on_without_proof(self) -> None:
        """Ask the registers without the proof of a card that left before it had proved itself."""
        ...

    def sign_in(self, *, again: bool = False) -> None:
        """Have a clerk sign in, in the place of who is here; ``again``: have the same one sign in once more."""
        ...

    def stop_sign_in(self) -> None:
        """Stop a sign-in that waits for somebody."""
        ...

    def sign_out(self) -> None:
        """Sign out the clerk who is here, and wipe."""
        ...

    def touch(self) -> None:
        """Say that somebody is there: the idle clock begins anew."""
        ...

    def close(self) -> None:
        """Cancel, wipe and end all threads."""
        ...


class Shell(Protocol):
    """Show a desk to people until they close it."""

    def __call__(self, desk: DeskControls, arguments: Sequence[str], sandbox: CardSandbox | None) -> int:
        """Run and return the exit code; ``sandbox`` lets a demo put cards on and take them away."""
        ...


class Inspector(Protocol):
    """Read and judge the card behind a link, by the anchors and the policy it was made with."""

    def __call__(
        self,
        link: CardLink,
        key: KeyInput,
        on_event: OnEvent,
        cancel: threading.Event,
        *,
        known: ReadCache | None = None,
        keep: Callable[[ReadCache], None] | None = None,
        afterwards: Afterwards | None = None,
    ) -> Inspection:
        """Return the inspection; raise Cancelled within one APDU of ``cancel``, or what the card did wrong.

        ``keep`` is handed what was read before an interruption; as ``known`` it is what the next reading goes on from.
        ``afterwards`` is called with the inspection while the chip is still open.
        """
        ...


class Reopener(Protocol):
    """Open the card of a visit once more, for what is to follow its inspection only later."""

    def __call__(
        self,
        link: CardLink,
        key: KeyInput,
        inspection: Inspection,
        then: Callable[[OpenChip], None],
        cancel: threading.Event,
    ) -> None:
        """Hand the open chip to ``then``; raise DifferentDocument where another answers, or what the card did wrong."""
        ...


class PresenceStep(Protocol):
    """Have an inspected card prove to the registers that it is there (``desk.presence_step``)."""

    def tap(
        self,
        inspection: Inspection,
        chip: OpenChip,
        requests: Mapping[str, bytes],
        purpose: str,
        clerk: str,
        cancel: threading.Event,
    ) -> Tap:
        """Return what came of the tap; raise CardRemoved, CardReset, PCSCError or Cancelled, which end the reading."""
        ...

    def without_card(self, inspection: Inspection, requests: Mapping[str, bytes], purpose: str) -> Tap | None:
        """Return what comes of the tap where no card is needed to tell: nothing can be proved. None where one is."""
        ...

    def untapped(self, inspection: Inspection, purpose: str, state: TapState) -> Tap:
        """Return a tap that was not made, for the reason ``state``."""
        ...

    def hold(self, tap: Tap, register: str, receipt: str, log: str) -> RegisterPresence | None:
        """Return what a register's receipt says; None where there is none about this tap's own proof.

        ``log`` is the proof that the receipt is in the verifier's log, empty where none came.
        """
        ...

    def close(self) -> None:
        """Break off what is under way."""
        ...


@dataclass(frozen=True, slots=True)
class DeskRegister:
    """Hold one register at this desk: its kind, and how it is asked; ``find`` is None where no connection is set up.

    ``word`` and ``find_worded`` are there where a proof of the card's presence can be made for the request: the first
    returns the request as it is serialised, the second sends exactly that, with the proof. ``word_questions`` and
    ``confirm_worded`` are the same two of a request for a yes or no.
    ``confirm`` asks for a yes or no, None where the register has none to give or no connection is set up. ``client`` is
    what look-ups that wait are sealed and sent by, None where they cannot. ``seconds`` is how long one look-up may
    take, lost tries included, its ``Errand`` then being the last thing that whatever asks is handed; it is 0 where a
    look-up is asked once and cannot be called back.
    """

    kind: RegisterKind[Any]
    find: Callable[..., Answer[Any]] | None = None
    close: Callable[[], None] = lambda: None
    word: Callable[[Lookup], bytes] | None = None
    find_worded: Callable[..., Answer[Any]] | None = None
    confirm: Callable[..., Answer[Confirmation]] | None = None
    word_questions: Callable[[Lookup], bytes] | None = None
    confirm_worded: Callable[..., Answer[Confirmation]] | None = None
    client: Encloses | None = None
    seconds: float = 0.0

    def asked_through(self, way: Callable[[Callable[..., Answer[Any]]], Callable[..., Answer[Any]]]) -> DeskRegister:
        """Return the same register, whatever it is asked going through what ``way`` makes of the asking."""
        return replace(
            self,
            find=way(self.find) if self.find is not None else None,
            find_worded=way(self.find_worded) if self.find_worded is not None else None,
            confirm=way(self.confirm) if self.confirm is not None else None,
            confirm_worded=way(self.confirm_worded) if self.confirm_worded is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Registers:
    """Hold all registers that a desk knows, in the order in which they are shown.

    ``certificates`` are those by which this office is known to some of them.
    """

    registers: tuple[DeskRegister, ...] = ()
    keeper: LedgerKeeper | None = None
    waiting: WaitingLookups | None = None
    device: DeviceKeeper | None = None
    certificates: tuple[OfficeCertificate, ...] = ()

    def of(self, name: str) -> DeskRegister:
        """Return the register ``name``; raise KeyError where this desk knows none."""
        for register in self.registers:
            if register.kind.name == name:
                return register
        raise KeyError(name)

    @property
    def can_wait(self) -> frozenset[str]:
        """Return the names of the registers whose look-ups can wait until they are there."""
        if self.waiting is None:
            return frozenset()
        return frozenset(one.kind.name for one in self.registers if self.waiting.takes(one.kind.name))

    def nobody_asked(self) -> tuple[LookupOutcome[Any], ...]:
        """Return how each register stands before anybody is looked up."""
        return tuple(LookupOutcome(register.kind) for register in self.registers)

    def close(self) -> None:
        """Close every connection, then the ledger in which what they were asked is recorded, then the device."""
        for register in self.registers:
            register.close()
        # Its last acts are the ledger's too.
        if self.waiting is not None:
            self.waiting.close()
        for keeper in (self.keeper, self.device):
            if keeper is not None:
                keeper.close()
