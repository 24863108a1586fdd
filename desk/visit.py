"""The visit as a pure table: (state, event) → (next state, actions). No Qt, no clock, no input or output.

Timers and threads post events; the runner carries out actions in the order in which they stand. A pair that is not in
the table is ignored and counted. ``Action.WIPE`` drops all that is held of a citizen and begins the next visit number,
so that a late answer to the old number is nobody's; tests/desk walks every reachable (state, data held) pair and
proves that nothing of a citizen outlives their visit. The policy on a card that leaves: always wipe, also while the
result is shown. Only a reading that was cut short keeps its place for a short while (CARD_LOST), shows nobody
meanwhile, and goes on when the same document is back. So does a card that left before it had proved itself for what
the citizen agreed to (CARD_WANTED): the visit is covered until that document has answered, or the clerk goes on
without it. Answers are of the purpose that they were asked for: before anybody is asked for another one, what was
asked for the last is put away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk.view import DeskState

__all__ = ["TABLE", "Action", "Event", "Transition", "transition"]


class Event(StrEnum):
    """Name what can happen to a visit."""

    READER_FOUND = "reader found"
    READER_LOST = "reader lost"
    CARD_IN = "card in"
    CARD_OUT = "card out"
    CARD_UNREADABLE = "card unreadable"
    UNREADABLE_GONE = "unreadable card gone"
    KEY_ENTERED = "key entered"
    KEY_REFUSED = "key not understood"
    CERTIFICATE_SCANNED = "land certificate scanned"
    DATA_READ = "data read"
    READ_DONE = "read done"
    READ_STOPPED = "read done, stop"
    READ_FAILED = "read failed"
    READ_INTERRUPTED = "read interrupted"
    OTHER_KEY_NEEDED = "other key needed"
    WORKER_FREE = "worker free"
    LOOK_AGAIN = "look again"
    GO_ON = "go on"
    WAITED_IN_VAIN = "waited in vain"
    ANSWER_ARRIVED = "answer arrived"
    LOOKUP_DONE = "look-up done"
    LOOK_UP_AGAIN = "look up again"
    CONSENT_NEEDED = "consent needed"
    CONSENT_GIVEN = "consent given"
    CONSENT_REFUSED = "consent refused"
    PURPOSE_CHANGED = "purpose changed"
    PROOF_WANTED = "proof wanted"
    PROOF_DONE = "proof done"
    PROOF_LOST = "proof interrupted"
    OTHER_DOCUMENT = "other document"
    WITHOUT_PROOF = "go on without proof"
    CANCEL = "cancel"
    NEXT = "next citizen"
    IDLE = "idle"
    SETTLED = "settled"
    BROKEN = "fault in the program"


class Action(StrEnum):
    """Name what the runner does on the way; each is done with the event's own payload."""

    LOOK_AT_READER = "look at reader"
    """Post CARD_IN or CARD_UNREADABLE if a card lies on a reader."""

    OFFER_KEY = "offer key"
    """Post KEY_ENTERED with the key held, if one is held."""

    KEEP_KEY = "keep key"
    KEEP_CERTIFICATE = "keep certificate"
    """Keep the serial of a land certificate, to look for it among the parcels."""

    START_READING = "start reading"
    CANCEL_READING = "cancel reading"
    HOLD_PLACE = "hold place"
    """Keep what a reading goes on from, and drop all else: the next card may be another one."""

    KEEP_PLACE = "keep place"
    """Add to it what the interrupted reading left."""

    AWAIT_CARD = "await card"
    """Have WAITED_IN_VAIN posted when the card has stayed away for too long."""

    LOOK_SOON = "look soon"
    """Have LOOK_AGAIN posted: a card that only lost contact is not seen to come back."""

    RETURN = "return"
    """Post GO_ON if a card lies there and the interrupted reading has ended."""

    GO_ON_READING = "go on reading"
    KEEP_DATA = "keep data"
    LOOK_UP = "look up"
    """Ask the registers, or post CONSENT_NEEDED where the purpose needs the citizen's consent and none is held.

    Post PROOF_WANTED where the card is to prove itself first: it did not do so for these requests yet.
    """

    PUT_AWAY = "put away"
    """Drop the answers of another purpose than the one in use; those of the same one stay until others come."""

    KEEP_CONSENT = "keep consent"
    FORGET_CONSENT = "forget consent"
    PROVE = "prove"
    """Open the card anew and have it prove itself; posts PROOF_DONE, PROOF_LOST or OTHER_DOCUMENT."""

    STOP_WAITING = "stop waiting"
    """Have no WAITED_IN_VAIN posted any more."""

    LEAVE_OUT_PROOF = "leave out proof"
    """Hold that these requests go without a proof, as the clerk wants it."""

    ASK_NOBODY = "ask nobody"
    """Say of every register that it is not asked, for the citizen did not agree."""

    KEEP_ANSWER = "keep answer"
    SHOW_FAILURE = "show failure"
    FORGET_FAILURE = "forget failure"
    WIPE = "wipe"
    SETTLE_SOON = "settle soon"
    """Have SETTLED posted when the page that says "wiped" has been seen."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Hold where a visit goes and what is done on the way, in order."""

    state: DeskState
    actions: tuple[Action, ...] = ()


_S, _E, _A = DeskState, Event, Action

_WIPED = Transition(_S.WIPED, (_A.WIPE, _A.SETTLE_SOON))
_STOPPING = Transition(_S.STOPPING, (_A.CANCEL_READING, _A.WIPE))
_WAIT_AFRESH = Transition(_S.WAIT_CARD, (_A.WIPE, _A.LOOK_AT_READER))
_WAIT = Transition(_S.WAIT_CARD, (_A.LOOK_AT_READER,))
_NO_READER = Transition(_S.NO_READER, (_A.WIPE,))
_GIVEN_UP = Transition(_S.FAULT, (_A.CANCEL_READING, _A.WIPE, _A.SHOW_FAILURE))
_LEFT_ALONE = Transition(_S.WIPED, (_A.CANCEL_READING, _A.WIPE, _A.SETTLE_SOON))
_ANOTHER = Transition(_S.NEED_KEY, (_A.WIPE,))
# After a fault in the program nothing is taken for granted, so it wipes in every state.
_BROKEN = Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE))

TABLE: Mapping[tuple[DeskState, Event], Transition] = {
    (_S.NO_READER, _E.READER_FOUND): _WAIT,
    (_S.NO_READER, _E.BROKEN): _NO_READER,
    #
    (_S.WAIT_CARD, _E.READER_LOST): _NO_READER,
    (_S.WAIT_CARD, _E.CARD_IN): Transition(_S.NEED_KEY, (_A.FORGET_FAILURE, _A.OFFER_KEY)),
    (_S.WAIT_CARD, _E.CARD_UNREADABLE): Transition(_S.FAULT, (_A.SHOW_FAILURE,)),
    (_S.WAIT_CARD, _E.KEY_ENTERED): Transition(_S.WAIT_CARD, (_A.FORGET_FAILURE, _A.KEEP_KEY)),
    (_S.WAIT_CARD, _E.KEY_REFUSED): Transition(_S.WAIT_CARD, (_A.SHOW_FAILURE,)),
    (_S.WAIT_CARD, _E.CERTIFICATE_SCANNED): Transition(_S.WAIT_CARD, (_A.FORGET_FAILURE, _A.KEEP_CERTIFICATE)),
    (_S.WAIT_CARD, _E.CANCEL): Transition(_S.WAIT_CARD, (_A.WIPE,)),
    (_S.WAIT_CARD, _E.NEXT): Transition(_S.WAIT_CARD, (_A.WIPE,)),
    (_S.WAIT_CARD, _E.IDLE): Transition(_S.WAIT_CARD, (_A.WIPE,)),
    (_S.WAIT_CARD, _E.BROKEN): _BROKEN,
    #
    (_S.NEED_KEY, _E.READER_LOST): _NO_READER,
    (_S.NEED_KEY, _E.CARD_OUT): Transition(_S.WAIT_CARD, (_A.WIPE,)),
    (_S.NEED_KEY, _E.KEY_ENTERED): Transition(_S.READING, (_A.FORGET_FAILURE, _A.START_READING)),
    (_S.NEED_KEY, _E.KEY_REFUSED): Transition(_S.NEED_KEY, (_A.SHOW_FAILURE,)),
    (_S.NEED_KEY, _E.CERTIFICATE_SCANNED): Transition(_S.NEED_KEY, (_A.FORGET_FAILURE, _A.KEEP_CERTIFICATE)),
    (_S.NEED_KEY, _E.CANCEL): Transition(_S.NEED_KEY, (_A.WIPE,)),
    (_S.NEED_KEY, _E.NEXT): Transition(_S.NEED_KEY, (_A.WIPE,)),
    (_S.NEED_KEY, _E.IDLE): Transition(_S.NEED_KEY, (_A.WIPE,)),
    (_S.NEED_KEY, _E.BROKEN): _BROKEN,
    #
    (_S.READING, _E.READER_LOST): Transition(_S.NO_READER, (_A.CANCEL_READING, _A.WIPE)),
    (_S.READING, _E.CARD_OUT): Transition(_S.CARD_LOST, (_A.CANCEL_READING, _A.HOLD_PLACE, _A.AWAIT_CARD)),
    (_S.READING, _E.READ_INTERRUPTED): Transition(
        _S.CARD_LOST, (_A.HOLD_PLACE, _A.KEEP_PLACE, _A.AWAIT_CARD, _A.LOOK_SOON)
    ),
    (_S.READING, _E.DATA_READ): Transition(_S.READING, (_A.KEEP_DATA,)),
    (_S.READING, _E.READ_DONE): Transition(_S.LOOKUP, (_A.KEEP_DATA, _A.PUT_AWAY, _A.LOOK_UP)),
    (_S.READING, _E.READ_STOPPED): Transition(_S.SHOWING, (_A.KEEP_DATA,)),
    (_S.READING, _E.READ_FAILED): Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE)),
    (_S.READING, _E.OTHER_KEY_NEEDED): Transition(_S.NEED_KEY, (_A.WIPE, _A.SHOW_FAILURE)),
    (_S.READING, _E.CANCEL): _STOPPING,
    (_S.READING, _E.NEXT): _STOPPING,
    (_S.READING, _E.IDLE): _STOPPING,
    (_S.READING, _E.BROKEN): _GIVEN_UP,
    #
    (_S.CARD_LOST, _E.READER_LOST): Transition(_S.NO_READER, (_A.CANCEL_READING, _A.WIPE)),
    (_S.CARD_LOST, _E.CARD_IN): Transition(_S.CARD_LOST, (_A.FORGET_FAILURE, _A.RETURN)),
    (_S.CARD_LOST, _E.CARD_OUT): Transition(_S.CARD_LOST),
    (_S.CARD_LOST, _E.CARD_UNREADABLE): Transition(_S.CARD_LOST, (_A.SHOW_FAILURE,)),
    (_S.CARD_LOST, _E.UNREADABLE_GONE): Transition(_S.CARD_LOST, (_A.FORGET_FAILURE,)),
    (_S.CARD_LOST, _E.READ_INTERRUPTED): Transition(_S.CARD_LOST, (_A.KEEP_PLACE, _A.RETURN)),
    (_S.CARD_LOST, _E.LOOK_AGAIN): Transition(_S.CARD_LOST, (_A.RETURN,)),
    (_S.CARD_LOST, _E.GO_ON): Transition(_S.READING, (_A.GO_ON_READING,)),
    (_S.CARD_LOST, _E.WAITED_IN_VAIN): _GIVEN_UP,
    # The interrupted reading may end otherwise than by the loss: with a result, whose card is gone, or with a failure.
    (_S.CARD_LOST, _E.READ_DONE): _WIPED,
    (_S.CARD_LOST, _E.READ_STOPPED): _WIPED,
    (_S.CARD_LOST, _E.READ_FAILED): Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE)),
    (_S.CARD_LOST, _E.OTHER_KEY_NEEDED): Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE)),
    (_S.CARD_LOST, _E.CANCEL): _LEFT_ALONE,
    (_S.CARD_LOST, _E.NEXT): _LEFT_ALONE,
    (_S.CARD_LOST, _E.IDLE): _LEFT_ALONE,
    (_S.CARD_LOST, _E.BROKEN): _GIVEN_UP,
    #
    (_S.STOPPING, _E.READER_LOST): Transition(_S.NO_READER),
    (_S.STOPPING, _E.WORKER_FREE): Transition(_S.WIPED, (_A.SETTLE_SOON,)),
    (_S.STOPPING, _E.BROKEN): _BROKEN,
    #
    (_S.LOOKUP, _E.READER_LOST): _NO_READER,
    (_S.LOOKUP, _E.CARD_OUT): _WIPED,
    (_S.LOOKUP, _E.ANSWER_ARRIVED): Transition(_S.LOOKUP, (_A.KEEP_ANSWER,)),
    (_S.LOOKUP, _E.LOOKUP_DONE): Transition(_S.SHOWING),
    (_S.LOOKUP, _E.CONSENT_NEEDED): Transition(_S.CONSENT),
    # Who was asked already answers for the purpose that was told; the one chosen now is for what is asked next.
    (_S.LOOKUP, _E.PURPOSE_CHANGED): Transition(_S.LOOKUP),
    (_S.LOOKUP, _E.PROOF_WANTED): Transition(_S.PROVING, (_A.PROVE,)),
    # No card lies there where the clerk went on without its proof, so that the one that comes may be anybody's.
    (_S.LOOKUP, _E.CARD_IN): _ANOTHER,
    (_S.LOOKUP, _E.CANCEL): _WIPED,
    (_S.LOOKUP, _E.NEXT): _WIPED,
    (_S.LOOKUP, _E.IDLE): _WIPED,
    (_S.LOOKUP, _E.BROKEN): _BROKEN,
    #
    (_S.CONSENT, _E.READER_LOST): _NO_READER,
    (_S.CONSENT, _E.CARD_OUT): _WIPED,
    (_S.CONSENT, _E.CONSENT_GIVEN): Transition(_S.LOOKUP, (_A.KEEP_CONSENT, _A.PUT_AWAY, _A.LOOK_UP)),
    (_S.CONSENT, _E.CARD_IN): _ANOTHER,
    (_S.CONSENT, _E.CONSENT_REFUSED): Transition(_S.SHOWING, (_A.FORGET_CONSENT, _A.ASK_NOBODY)),
    # Another purpose has another text, or needs no consent at all.
    (_S.CONSENT, _E.PURPOSE_CHANGED): Transition(_S.LOOKUP, (_A.PUT_AWAY, _A.LOOK_UP)),
    (_S.CONSENT, _E.CANCEL): _WIPED,
    (_S.CONSENT, _E.NEXT): _WIPED,
    (_S.CONSENT, _E.IDLE): _WIPED,
    (_S.CONSENT, _E.BROKEN): _BROKEN,
    #
    (_S.PROVING, _E.READER_LOST): Transition(_S.NO_READER, (_A.CANCEL_READING, _A.WIPE)),
    (_S.PROVING, _E.CARD_OUT): Transition(_S.CARD_WANTED, (_A.CANCEL_READING, _A.AWAIT_CARD)),
    (_S.PROVING, _E.DATA_READ): Transition(_S.PROVING, (_A.KEEP_DATA,)),
    (_S.PROVING, _E.PROOF_LOST): Transition(_S.CARD_WANTED, (_A.AWAIT_CARD, _A.LOOK_SOON)),
    (_S.PROVING, _E.PROOF_DONE): Transition(_S.LOOKUP, (_A.PUT_AWAY, _A.LOOK_UP)),
    (_S.PROVING, _E.OTHER_DOCUMENT): Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE)),
    # The citizen takes the consent back: what the card proves now is sent to nobody.
    (_S.PROVING, _E.CONSENT_REFUSED): Transition(_S.SHOWING, (_A.CANCEL_READING, _A.FORGET_CONSENT, _A.ASK_NOBODY)),
    (_S.PROVING, _E.CANCEL): _STOPPING,
    (_S.PROVING, _E.NEXT): _STOPPING,
    (_S.PROVING, _E.IDLE): _STOPPING,
    (_S.PROVING, _E.BROKEN): _GIVEN_UP,
    #
    (_S.CARD_WANTED, _E.READER_LOST): Transition(_S.NO_READER, (_A.CANCEL_READING, _A.WIPE)),
    (_S.CARD_WANTED, _E.CARD_IN): Transition(_S.CARD_WANTED, (_A.FORGET_FAILURE, _A.AWAIT_CARD, _A.RETURN)),
    (_S.CARD_WANTED, _E.CARD_OUT): Transition(_S.CARD_WANTED, (_A.CANCEL_READING,)),
    (_S.CARD_WANTED, _E.CARD_UNREADABLE): Transition(_S.CARD_WANTED, (_A.SHOW_FAILURE,)),
    (_S.CARD_WANTED, _E.UNREADABLE_GONE): Transition(_S.CARD_WANTED, (_A.FORGET_FAILURE,)),
    (_S.CARD_WANTED, _E.LOOK_AGAIN): Transition(_S.CARD_WANTED, (_A.RETURN,)),
    (_S.CARD_WANTED, _E.GO_ON): Transition(_S.CARD_WANTED, (_A.PROVE,)),
    (_S.CARD_WANTED, _E.PROOF_LOST): Transition(_S.CARD_WANTED, (_A.LOOK_SOON,)),
    (_S.CARD_WANTED, _E.PROOF_DONE): Transition(
        _S.LOOKUP, (_A.STOP_WAITING, _A.FORGET_FAILURE, _A.PUT_AWAY, _A.LOOK_UP)
    ),
    (_S.CARD_WANTED, _E.OTHER_DOCUMENT): Transition(_S.FAULT, (_A.WIPE, _A.SHOW_FAILURE)),
    (_S.CARD_WANTED, _E.WITHOUT_PROOF): Transition(
        _S.LOOKUP, (_A.CANCEL_READING, _A.STOP_WAITING, _A.FORGET_FAILURE, _A.LEAVE_OUT_PROOF, _A.PUT_AWAY, _A.LOOK_UP)
    ),
    (_S.CARD_WANTED, _E.WAITED_IN_VAIN): _GIVEN_UP,
    (_S.CARD_WANTED, _E.CANCEL): _LEFT_ALONE,
    (_S.CARD_WANTED, _E.NEXT): _LEFT_ALONE,
    (_S.CARD_WANTED, _E.IDLE): _LEFT_ALONE,
    (_S.CARD_WANTED, _E.BROKEN): _GIVEN_UP,
    #
    (_S.SHOWING, _E.READER_LOST): _NO_READER,
    (_S.SHOWING, _E.CARD_OUT): _WIPED,
    (_S.SHOWING, _E.CARD_IN): _ANOTHER,
    (_S.SHOWING, _E.LOOK_UP_AGAIN): Transition(_S.LOOKUP, (_A.PUT_AWAY, _A.LOOK_UP)),
    # Nobody is asked by a choice alone: the answers stay, under their own purpose, until the clerk looks up again.
    (_S.SHOWING, _E.PURPOSE_CHANGED): Transition(_S.SHOWING),
    (_S.SHOWING, _E.CANCEL): _WIPED,
    (_S.SHOWING, _E.NEXT): _WIPED,
    (_S.SHOWING, _E.IDLE): _WIPED,
    (_S.SHOWING, _E.BROKEN): _BROKEN,
    #
    (_S.FAULT, _E.READER_LOST): _NO_READER,
    (_S.FAULT, _E.CARD_IN): Transition(_S.NEED_KEY, (_A.WIPE,)),
    (_S.FAULT, _E.CARD_OUT): Transition(_S.FAULT),
    (_S.FAULT, _E.UNREADABLE_GONE): Transition(_S.WAIT_CARD, (_A.FORGET_FAILURE,)),
    (_S.FAULT, _E.KEY_ENTERED): Transition(_S.WAIT_CARD, (_A.FORGET_FAILURE, _A.KEEP_KEY, _A.LOOK_AT_READER)),
    (_S.FAULT, _E.KEY_REFUSED): Transition(_S.FAULT, (_A.SHOW_FAILURE,)),
    (_S.FAULT, _E.CERTIFICATE_SCANNED): Transition(
        _S.WAIT_CARD, (_A.FORGET_FAILURE, _A.KEEP_CERTIFICATE, _A.LOOK_AT_READER)
    ),
    (_S.FAULT, _E.CANCEL): _WAIT_AFRESH,
    (_S.FAULT, _E.NEXT): _WAIT_AFRESH,
    (_S.FAULT, _E.IDLE): _WAIT_AFRESH,
    (_S.FAULT, _E.BROKEN): _BROKEN,
    #
    (_S.WIPED, _E.READER_LOST): Transition(_S.NO_READER),
    (_S.WIPED, _E.CARD_IN): Transition(_S.NEED_KEY),
    (_S.WIPED, _E.CARD_UNREADABLE): Transition(_S.FAULT, (_A.SHOW_FAILURE,)),
    (_S.WIPED, _E.KEY_ENTERED): Transition(_S.WAIT_CARD, (_A.KEEP_KEY, _A.LOOK_AT_READER)),
    (_S.WIPED, _E.CERTIFICATE_SCANNED): Transition(_S.WAIT_CARD, (_A.KEEP_CERTIFICATE, _A.LOOK_AT_READER)),
    (_S.WIPED, _E.BROKEN): _BROKEN,
    (_S.WIPED, _E.CANCEL): _WAIT,
    (_S.WIPED, _E.NEXT): _WAIT,
    (_S.WIPED, _E.SETTLED): _WAIT,
}


def transition(state: DeskState, event: Event) -> Transition | None:
    """Return what ``event`` does in ``state``; None where it means nothing there."""
    return TABLE.get((state, event))
