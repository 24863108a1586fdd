"""A card just inspected proves itself over the channel that still stands: every way that goes, and its cost."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerUnusable, RegisterTimeout, RegisterUnreachable
from auth.presence import (
    BookletKeeper,
    BookletVerifier,
    Caller,
    ChallengeOffer,
    ChallengeWish,
    PresenceRefused,
    PresenceVerifier,
    Reason,
    Receipt,
    ReceiptClaims,
    RelaySecrets,
    SqlitePages,
    SqliteStore,
    Target,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.tokens import read_token
from auth.presence.wire import read_member
from auth.wire.endpoint import DeviceCredential
from auth.wire.server_time import ServerTime
from desk.presence_step import CardPresence, local_level
from desk.tap import Tap, TapState
from mock_cards.build import BuiltCard
from mock_cards.personas import REFERENCE_DAY
from reader.errors import Cancelled, CardRemoved, DataError
from reader.files import ReadCache
from reader.inspection import Decision, Inspection, inspect
from reader.inspection.open_chip import OpenChip
from reader.inspection.presence_rule import PresenceRule
from reader.iso7816 import CardLink, CommandAPDU, CountingLink, LinkDecorator, ResponseAPDU

Bench = Any  # lives in conftest.py, which cannot be imported from here

NOON = datetime.combine(REFERENCE_DAY, time(12), UTC)
PERSONA, PURPOSE, CLERK = "nguyen-van-mau", "citizen-information", "cb-001"
REQUESTS = {"population": b'{"lookup":"one"}', "land": b'{"lookup":"two"}'}


class Unsaved:
    """Keep a booklet in memory (``auth.presence.SealedBox``)."""

    def __init__(self) -> None:
        self.content: bytes | None = None

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        self.content = content


@dataclass
class Office:
    """Be a verifier and a desk's way to it, which a test can make slow, deaf or absent."""

    trust: Any
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    device: DeviceCredential = field(
        default_factory=lambda: DeviceCredential("desk-1", SoftwareSigner.generate(), SoftwareOpener.generate())
    )
    troubles: list[Exception] = field(default_factory=list)
    wishes: list[ChallengeWish] = field(default_factory=list)
    rules: Mapping[str, PresenceRule] = field(default_factory=dict)
    closed: bool = False
    trust_ends: datetime | None = None

    def __post_init__(self) -> None:
        key = DeviceKey.from_pem(self.signer.public_pem())
        self.issuers = {"presence": {key.key_id: key}}
        store = SqliteStore()
        relay = RelaySecrets({"s": secrets.token_bytes(32)}, "s")
        common = ("presence", self.signer)
        self.verifier = PresenceVerifier(*common, relay, self.issuers, self.trust, "list", store, clock=lambda: NOON)
        self.booklets = BookletVerifier(
            *common, self.issuers, self.trust, "list", SqlitePages(store), clock=lambda: NOON
        )
        self.booklet: BookletKeeper | None = None

    @property
    def caller(self) -> Caller:
        return Caller("desk-1", self.device.signer.key_id, CLERK, PURPOSE)

    def challenge(self, wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        self.wishes.append(wish)
        if self.troubles:
            raise self.troubles.pop(0)
        return self.verifier.challenge(wish, Caller("desk-1", self.device.signer.key_id, clerk, purpose))

    def close(self) -> None:
        self.closed = True

    def fill(self, count: int = 2) -> None:
        counter = iter(range(100))
        self.booklet = BookletKeeper(
            Unsaved(), self.issuers, "desk-1", self.device.signer.key_id, lambda: next(counter), lambda: NOON
        )
        self.booklet.fill(self.booklets.issue(self.caller, count))

    @property
    def step(self) -> CardPresence:
        return CardPresence(
            self, self.issuers, self.device, lambda: self.rules, self.booklet, trust_expired=self.trust_expired
        )

    def trust_expired(self, moment: datetime) -> bool:
        return self.trust_ends is not None and moment > self.trust_ends

    def receipt(self, tap: Tap, register: str) -> str:
        return self.judged(tap, register).token

    def judged(self, tap: Tap, register: str) -> Receipt:
        """Judge what would travel beside the request to ``register``."""
        proof, subject = read_member(tap.member)
        judge = self.verifier if proof.counter is None else self.booklets
        return judge.judge(proof, tap.requests[register], register, self.caller, subject)

    def claims(self, tap: Tap, register: str = "population") -> ReceiptClaims:
        return read_token(RECEIPT_KIND, ReceiptClaims, self.receipt(tap, register), self.issuers)


class _Bare:
    """Be a link over which a card cannot be reset."""

    def __init__(self, link: CardLink) -> None:
        self._link = link

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        return self._link.transmit(command)


@dataclass
class Visit:
    """Inspect a card and tap it; remember the inspection, the tap and what the tap cost."""

    bench: Bench
    office: Office
    requests: dict[str, bytes] = field(default_factory=lambda: dict(REQUESTS))
    cancel: threading.Event = field(default_factory=threading.Event)
    kept: list[ReadCache] = field(default_factory=list)
    card: BuiltCard | None = None
    inspection: Inspection | None = None
    chip: OpenChip | None = None
    apdus: int = 0

    def tap(self, chip: str = "", *forgeries: str, resets: bool = True, around: Any = None) -> Tap:
        self.card = card = self.bench.factory.build(PERSONA, forgeries, chip=chip)
        card.card.power_on()
        counting = CountingLink(card.card)
        link: CardLink = around(counting) if around else counting
        link = link if resets else _Bare(link)
        taps: list[Tap] = []

        def afterwards(inspection: Inspection, chip: OpenChip) -> None:
            self.inspection, self.chip = inspection, chip
            before = counting.counters.apdus
            taps.append(self.office.step.tap(inspection, chip, self.requests, PURPOSE, CLERK, self.cancel))
            self.apdus = counting.counters.apdus - before

        inspect(
            link,
            self.bench.request(card),
            reset=card.card.power_on if resets else None,
            cancel=self.cancel,
            keep=self.kept.append,
            afterwards=afterwards,
        )
        return taps[0]


@pytest.fixture
def office(bench: Bench) -> Office:
    return Office(bench.trust)


@pytest.fixture
def visit(bench: Bench, office: Office) -> Visit:
    return Visit(bench, office)


@pytest.mark.parametrize(
    ("chip", "apdus"), [("vietnam-2021", 3), ("vietnam-2024", 3), ("icao-3des", 2), ("icao-dh", 3), ("icao-bac", 3)]
)
def test_a_chip_that_repeats_the_agreement_proves_itself_in_one_round_trip_and_three_commands(
    visit: Visit, office: Office, chip: str, apdus: int
) -> None:
    tap = visit.tap(chip)
    assert (tap.state, tap.mode, tap.local) == (TapState.PROVEN, "CA", 2)
    assert (len(office.wishes), visit.apdus) == (1, apdus)
    for register in REQUESTS:
        claims = office.claims(tap, register)
        assert (claims.verdict, claims.level) == ("accepted", 4), claims.reasons
    assert visit.chip is not None
    assert not visit.chip.channel.is_open, "the desk has no channel any more"


def test_a_chip_that_refuses_to_repeat_it_is_reset_opened_anew_and_asked_first(visit: Visit, office: Office) -> None:
    tap = visit.tap("quirk-ca-once")
    assert (tap.state, tap.mode) == (TapState.PROVEN, "CA")
    assert office.claims(tap).level == 4
    assert len(office.wishes) == 1, "for the same challenge"


def test_where_it_cannot_be_reset_that_is_said(visit: Visit) -> None:
    tap = visit.tap("quirk-ca-once", resets=False)
    assert (tap.state, tap.reason, tap.proof, tap.local) == (TapState.CARD_REFUSED, "6985", None, 2)


@pytest.fixture
def signing_chip(tmp_path: Any) -> str:
    """Return the profile of a chip that has nothing but Active Authentication."""
    file = tmp_path / "signing.toml"
    file.write_text('like = "vietnam-2021"\nabout = "signs only"\n[chip_authentication]\nkeys = []\n')
    return str(file)


def test_a_chip_that_only_signs_signs_twice(visit: Visit, office: Office, signing_chip: str) -> None:
    tap = visit.tap(signing_chip)
    assert (tap.state, tap.mode, visit.apdus) == (TapState.PROVEN, "AA", 2)
    assert office.claims(tap).level == 4


def test_a_chip_without_short_identifiers_costs_one_command_more(visit: Visit, office: Office) -> None:
    tap = visit.tap("quirk-no-sfi")
    assert (tap.state, visit.apdus) == (TapState.PROVEN, 4)
    assert office.claims(tap).level == 4


def test_a_protocol_that_dg14_leaves_open_is_the_one_that_the_chip_took(visit: Visit, office: Office) -> None:
    claims = office.claims(visit.tap("quirk-ca-no-info"))
    assert (claims.level, claims.reasons) == (4, (Reason.PROTOCOL_INFERRED,))


@pytest.fixture
def mute_chip(tmp_path: Any) -> str:
    """Return the profile of a chip with nothing to prove itself by."""
    file = tmp_path / "mute.toml"
    file.write_text(
        'like = "vietnam-2021"\nabout = "cannot prove itself"\n[chip_authentication]\nkeys = []\n'
        '[active_authentication]\nkey = ""\n'
    )
    return str(file)


def test_a_chip_that_can_prove_nothing_is_told_as_that_and_no_register_is_asked_for_it(
    visit: Visit, office: Office, mute_chip: str
) -> None:
    tap = visit.tap(mute_chip)
    assert (tap.state, tap.proof, tap.local) == (TapState.CARD_CANNOT, None, 1)
    assert (office.wishes, visit.apdus) == ([], 0)


def test_a_clone_proves_nothing_whatever_it_answers(visit: Visit, office: Office) -> None:
    tap = visit.tap("", "clone-without-aa-key")
    claims = office.claims(tap)
    assert visit.inspection is not None
    assert visit.inspection.decision is Decision.STOP
    assert claims.level in (1, 4), "its key for agreement is the genuine one, or its answer is refused"


def test_nobody_is_asked_for_nothing(visit: Visit, office: Office) -> None:
    visit.requests = {}
    assert (visit.tap("vietnam-2021").state, office.wishes, visit.apdus) == (TapState.NOTHING_ASKED, [], 0)


def test_a_desk_without_a_verifier_says_so(visit: Visit, bench: Bench, office: Office) -> None:
    tap: list[Tap] = []
    step = CardPresence(None, {}, None, lambda: {"any": PresenceRule(3, Decision.ATTENTION)})

    def afterwards(inspection: Inspection, chip: OpenChip) -> None:
        tap.append(step.tap(inspection, chip, REQUESTS, PURPOSE, CLERK, visit.cancel))

    card = bench.build(PERSONA)
    inspect(card.card, bench.request(card), afterwards=afterwards)
    assert (tap[0].state, tap[0].local, tap[0].rule.least) == (TapState.NOT_SET_UP, 2, 3)
    step.close()


def _wrong_clock(days: int) -> ServerTime:
    clock = ServerTime(lambda: NOON.timestamp() + days * 86_400)
    clock.learn(NOON.timestamp())
    return clock


@pytest.mark.parametrize("days", [2, -2])
def test_a_desk_whose_clock_is_days_off_claims_nothing_that_others_are_to_believe(
    bench: Bench, office: Office, days: int
) -> None:
    office = Office(bench.trust, device=replace(office.device, clock=_wrong_clock(days)))
    visit = Visit(bench, office)
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.proof, office.wishes, visit.apdus) == (TapState.CLOCK_WRONG, None, [], 0)
    assert tap.local <= 2


def test_nor_where_the_verifier_is_the_first_to_say_what_time_it_is(
    visit: Visit, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = office.challenge

    def telling(wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        office.device.clock.learn(office.device.clock.local() + 3 * 86_400)
        return real(wish, purpose, clerk)

    monkeypatch.setattr(office, "challenge", telling)
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.proof, tap.member) == (TapState.CLOCK_WRONG, None, b"")
    assert len(office.wishes) == 1


def test_a_desk_whose_trust_list_has_ended_claims_nothing_that_others_are_to_believe(
    bench: Bench, office: Office
) -> None:
    office = Office(bench.trust, device=replace(office.device, clock=ServerTime(NOON.timestamp)))
    office.trust_ends = NOON - timedelta(seconds=1)
    visit = Visit(bench, office)
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.proof, office.wishes, visit.apdus) == (TapState.TRUST_EXPIRED, None, [], 0)
    assert tap.local == 2
    office.trust_ends = NOON
    assert visit.tap("vietnam-2021").state is TapState.PROVEN, "to its last second it is good"


def test_nor_is_a_page_of_a_booklet_used_then(visit: Visit, office: Office, signing_chip: str) -> None:
    office.fill()
    assert office.booklet is not None
    office.troubles, office.trust_ends = [RegisterUnreachable("presence", "connection-refused")], NOON
    tap = visit.tap(signing_chip)
    assert (tap.state, tap.member, office.booklet.left()) == (TapState.TRUST_EXPIRED, b"", 2)


def test_nor_where_it_ends_by_the_verifiers_word_of_the_time(
    bench: Bench, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(bench.trust, device=replace(office.device, clock=ServerTime(NOON.timestamp)))
    office.trust_ends = NOON + timedelta(minutes=30)
    real = office.challenge

    def telling(wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        office.device.clock.learn(NOON.timestamp() + 3_600)
        return real(wish, purpose, clerk)

    monkeypatch.setattr(office, "challenge", telling)
    tap = Visit(bench, office).tap("vietnam-2021")
    assert (tap.state, tap.proof, tap.member, len(office.wishes)) == (TapState.TRUST_EXPIRED, None, b"", 1)


@pytest.mark.parametrize("trouble", [TimeoutError(), RegisterTimeout("presence", "deadline")])
def test_a_verifier_that_was_too_slow_is_asked_once_more_for_the_same_commitment_in_a_fresh_session(
    visit: Visit, office: Office, trouble: Exception
) -> None:
    office.troubles = [trouble]
    tap = visit.tap("vietnam-2021")
    first, second = office.wishes
    assert first.commitment == second.commitment
    assert office.claims(tap).level == 4


def test_twice_too_slow_is_away(visit: Visit, office: Office) -> None:
    office.troubles = [TimeoutError(), TimeoutError(), TimeoutError()]
    assert (visit.tap("vietnam-2021").state, len(office.wishes)) == (TapState.VERIFIER_AWAY, 2)


def test_one_that_cannot_be_reached_is_not_waited_for(visit: Visit, office: Office) -> None:
    office.troubles = [RegisterUnreachable("presence", "connection-refused")]
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.proof, len(office.wishes)) == (TapState.VERIFIER_AWAY, None, 1)


def test_what_the_verifier_refuses_is_told_by_its_own_word(visit: Visit, office: Office) -> None:
    office.troubles = [PresenceRefused(Reason.TOO_MANY_OPEN)]
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.reason) == (TapState.VERIFIER_REFUSED, "too-many-open")


@pytest.mark.parametrize(
    "make",
    [
        lambda office, wish, caller: office.verifier.challenge(replace(wish, target=Target.SELECT_AND_READ), caller),
        lambda office, wish, caller: replace(
            office.verifier.challenge(wish, caller), commands=(b"\x0c\xb0\x8d\x00\x0d" + bytes(14),)
        ),
    ],
    ids=["another-way-of-reading", "another-file"],
)
def test_a_verifier_that_offers_what_was_not_asked_for_gets_nothing_of_the_chip(
    visit: Visit, office: Office, make: Callable[[Office, ChallengeWish, Caller], ChallengeOffer]
) -> None:
    office.challenge = lambda wish, purpose, clerk: make(office, wish, office.caller)  # type: ignore[method-assign]  # lies
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.reason, tap.proof) == (TapState.OFFER_REFUSED, "commands-differ", None)
    assert (visit.apdus, tap.local) == (0, 2)
    assert visit.chip is not None
    assert not visit.chip.channel.is_open


def test_a_receipt_that_does_not_say_whose_card_it_was_counts_as_the_devices_word(visit: Visit, office: Office) -> None:
    tap = visit.tap("vietnam-2021")
    proof, _ = read_member(tap.member)
    receipt = office.verifier.judge(proof, tap.requests["land"], "land", office.caller)
    held = office.step.hold(tap, "land", receipt.token, receipt.log.to_text())
    assert held is not None
    assert (held.level, held.accepted, held.reasons) == (2, True, ("person-not-shown",))


@pytest.mark.parametrize(
    ("trouble", "state", "reason"),
    [
        (DataError("a clerk without an id"), TapState.VERIFIER_REFUSED, "malformed"),
        (LedgerUnusable("full"), TapState.VERIFIER_AWAY, "ledger-unusable"),
    ],
)
def test_whatever_else_goes_wrong_is_told_and_holds_nothing_up(
    visit: Visit, office: Office, trouble: Exception, state: TapState, reason: str
) -> None:
    office.troubles = [trouble]
    tap = visit.tap("vietnam-2021")
    assert (tap.state, tap.reason, tap.proof) == (state, reason, None)


class TestOffline:
    """Without a verifier a page of the booklet is used, if the chip can sign."""

    def test_the_chip_signs_a_page(self, visit: Visit, office: Office) -> None:
        office.fill()
        office.troubles = [RegisterUnreachable("presence", "connection-refused")]
        tap = visit.tap("vietnam-2021")
        assert (tap.state, tap.mode, visit.apdus) == (TapState.PROVEN_OFFLINE, "AA", 4)
        for register in REQUESTS:
            claims = office.claims(tap, register)
            assert (claims.level, claims.reasons) == (3, (Reason.PRE_PLAY_POSSIBLE,))
        assert office.booklet is not None
        assert office.booklet.left() == 1

    def test_a_chip_that_only_agrees_stays_at_the_devices_word(self, visit: Visit, office: Office) -> None:
        office.fill()
        office.troubles = [RegisterUnreachable("presence", "connection-refused")]
        tap = visit.tap("eid-german")
        assert (tap.state, tap.local, tap.proof) == (TapState.VERIFIER_AWAY, 2, None)
        assert office.booklet is not None
        assert office.booklet.left() == 2, "no page is spent on it"

    def test_an_exhausted_booklet_says_so(self, visit: Visit, office: Office) -> None:
        office.fill(1)
        office.troubles = [RegisterUnreachable("presence", "connection-refused") for _ in range(2)]
        assert visit.tap("vietnam-2021").state is TapState.PROVEN_OFFLINE
        tap = visit.tap("vietnam-2021")
        assert (tap.state, tap.reason) == (TapState.VERIFIER_AWAY, "booklet-exhausted")

    def test_a_page_that_cannot_be_counted_is_not_used(self, visit: Visit, office: Office) -> None:
        office.fill()
        office.troubles = [RegisterUnreachable("presence", "connection-refused")]
        assert office.booklet is not None
        office.booklet._count = _full
        tap = visit.tap("vietnam-2021")
        assert (tap.state, tap.reason, visit.apdus) == (TapState.VERIFIER_AWAY, "ledger-unusable", 0)

    def test_with_the_verifier_there_no_page_is_used(self, visit: Visit, office: Office) -> None:
        office.fill()
        assert visit.tap("vietnam-2021").state is TapState.PROVEN
        assert office.booklet is not None
        assert office.booklet.left() == 2


def _full() -> int:
    raise LedgerUnusable("full")


class _Leaving(LinkDecorator):
    """Be a card that leaves, or is cancelled, at one command after the inspection."""

    def __init__(self, link: Any, begun: Callable[[], bool], at: int, act: Callable[[], None]) -> None:
        super().__init__(link)
        self._begun, self._left, self._act = begun, at, act

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if self._begun():
            self._left -= 1
            if self._left < 0:
                self._act()
        return self._link.transmit(command)


def _gone() -> None:
    raise CardRemoved("gone")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_card_that_leaves_is_lost_and_what_was_read_is_kept(visit: Visit, office: Office, at: int) -> None:
    with pytest.raises(CardRemoved):
        visit.tap("vietnam-2021", around=lambda link: _Leaving(link, lambda: bool(office.wishes), at, _gone))
    assert visit.kept
    assert visit.chip is not None
    assert not visit.chip.channel.is_open


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_cancel_is_heeded_between_any_two_commands(visit: Visit, office: Office, at: int) -> None:
    seen: list[CommandAPDU] = []

    def around(link: CardLink) -> CardLink:
        class Counting(LinkDecorator):
            def transmit(self, command: CommandAPDU) -> ResponseAPDU:
                if office.wishes:
                    seen.append(command)
                    if len(seen) > at:
                        visit.cancel.set()
                return self._link.transmit(command)

        return Counting(link)

    if at == 2:
        # The third command is the last: what comes back is the proof, and the visit's own cancel ends the rest.
        visit.tap("vietnam-2021", around=around)
    else:
        with pytest.raises(Cancelled):
            visit.tap("vietnam-2021", around=around)
    assert len(seen) == at + 1


def test_a_cancel_while_the_verifier_is_asked_is_heeded_at_once(visit: Visit, office: Office) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def challenge(wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        asked.set()
        visit.cancel.set()
        let_go.wait(30)
        raise TimeoutError

    office.challenge = challenge  # type: ignore[method-assign]  # a verifier that never answers
    with pytest.raises(Cancelled):
        visit.tap("vietnam-2021")
    assert asked.is_set()
    let_go.set()


def test_a_receipt_counts_only_for_the_proof_that_was_made(visit: Visit, office: Office) -> None:
    first = visit.tap("vietnam-2021")
    visit.requests = {register: body + b" " for register, body in REQUESTS.items()}
    second = visit.tap("vietnam-2021")
    judged = office.judged(first, "land")
    assert judged.log is not None
    receipt, log = judged.token, judged.log.to_text()
    held = office.step.hold(first, "land", receipt, log)
    assert held is not None
    assert (held.level, held.accepted, held.reasons, held.log) == (4, True, (), judged.log)
    assert office.step.hold(first, "population", receipt, log) is None
    assert office.step.hold(second, "land", receipt, log) is None
    assert office.step.hold(first, "land", "", "") is None
    assert office.step.hold(first, "land", receipt[:-4] + "AAAA", log) is None
    again = office.judged(first, "land")
    assert again.log is not None
    refused = office.step.hold(first, "land", again.token, again.log.to_text())
    assert refused is not None
    assert (refused.accepted, refused.reasons) == (False, ("already-used",))
    for other, said in (("", "log-proof-missing"), (again.log.to_text(), "log-proof-wrong")):
        held = office.step.hold(first, "land", receipt, other)
        assert held is not None
        assert (held.level, held.reasons, held.log) == (4, (said,), None), "told, and worth what the receipt says"


@pytest.mark.parametrize(
    ("forgeries", "level"),
    [((), 2), (("sod-signature-broken",), 0), (("csca-not-held",), 0), (("dg13-religion-changed",), 0)],
)
def test_what_the_inspection_shows_alone_is_at_most_the_devices_word(
    bench: Bench, forgeries: tuple[str, ...], level: int
) -> None:
    assert local_level(bench.inspect(PERSONA, forgeries)) == level


def test_the_tap_is_not_counted_as_reading(visit: Visit, bench: Bench) -> None:
    card = bench.build(PERSONA)
    without = inspect(card.card, bench.request(card)).link.apdus
    visit.tap()
    assert visit.inspection is not None
    assert visit.inspection.link.apdus == without
