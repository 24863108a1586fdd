"""Fakes behind the desk's ports: a watch and terminal, an inspector that waits for orders, registers, a clock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from auth.errors import RegisterTimeout
from auth.registers.ports import (
    Answer,
    CardStatus,
    Confirmation,
    DataQuality,
    Holder,
    LandHoldings,
    Lookup,
    Parcel,
    PopulationRecord,
)
from auth.wire.errand import Errand
from desk.clerk_post import ClerkPost, SettingsClerk
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.office_certificates import OfficeCertificate
from desk.parts import DeskParts
from desk.ports import DeskRegister, Registers
from desk.runner import Desk
from desk.tap import RegisterPresence, Tap, TapState
from desk.view import DeskState, DeskView, WaitingView
from desk.visit_data import Surroundings
from reader.access import SecureMessaging, SessionKeys
from reader.crypto import CipherSuite
from reader.errors import Cancelled, CardError, MotCuaError, PCSCError
from reader.files import ReadCache
from reader.inspection.checks import Check, CheckId
from reader.inspection.events import CheckJudged, FileProgress, IdentityRead, OnEvent, PortraitRead, Step, StepStarted
from reader.inspection.open_chip import Afterwards, OpenChip
from reader.inspection.report import Decision, Finding, Inspection, LinkUse
from reader.iso7816 import (
    CardLink,
    CommandAPDU,
    ReaderSnapshot,
    ReaderState,
    ResponseAPDU,
    ServiceState,
    SlotState,
)
from reader.lds import CalendarDate, Identity, KeyInput, Portrait, Sex

READER = "Fake Reader 0"
MOMENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def make_identity(**changes: object) -> Identity:
    """Build the chip's data of the invented man of the personas."""
    identity = Identity(
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        sex=Sex.MALE,
        nationality="Việt Nam",
        ethnicity="Kinh",
        religion="Không",
        place_of_origin="Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định",
        residence="Số 12, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định",
        issue_date=CalendarDate(2021, 4, 25),
        expiry=CalendarDate(2030, 1, 15),
        father="Nguyễn Văn Gốc",
        mother="Trần Thị Cội",
        spouse="Lê Thị Thử",
        old_number="099123456",
        mrz_name="NGUYEN VAN MAU",
    )
    return replace(identity, **changes)  # type: ignore[arg-type]  # names of fields, given by a test


def make_record(**changes: object) -> PopulationRecord:
    """Build the population register's record of the same man."""
    record = PopulationRecord(
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        sex=Sex.MALE,
        nationality="Việt Nam",
        card_status=CardStatus.VALID,
        residence="Số 12, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định",
        residence_before="Số 12, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định",
        expiry=CalendarDate(2030, 1, 15),
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # names of fields, given by a test


def make_parcel(*holders: Holder, **changes: object) -> Parcel:
    """Build a parcel of 120.5 m² with the given holders."""
    parcel = Parcel(
        certificate_serial="AB 12345678",
        map_sheet="12",
        parcel_number="345",
        commune="Xã Mẫu Lâm, Tỉnh Giả Định",
        commune_before="",
        address="Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định",
        area_m2=Decimal("1120.5"),
        land_type="ONT",
        land_type_name="Đất ở tại nông thôn",
        term="Lâu dài",
        form_of_use="Sử dụng riêng",
        origin="",
        holders=holders or (Holder("Nguyễn Văn Mẫu", "099090000001", CalendarDate(1990, 1, 15)),),
        boundary=((2000000.0, 500000.0), (2000000.0, 500010.0), (2000012.05, 500010.0), (2000012.05, 500000.0)),
        quality=DataQuality.VERIFIED,
    )
    return replace(parcel, **changes)  # type: ignore[arg-type]  # names of fields, given by a test


def make_inspection(decision: Decision = Decision.PROCEED, identity: Identity | None = None) -> Inspection:
    """Build a finished inspection with one check of each kind that matters to the desk."""
    checks = (
        Check.passed(CheckId.SOD_SIGNATURE, "signature-verified", {"algorithm": "ECDSA"}),
        Check.inconclusive(CheckId.REVOCATION, "no-revocation-list"),
    )
    findings = () if decision is Decision.PROCEED else (Finding(CheckId.CHAIN, "no-trust-anchor", decision),)
    return Inspection(
        decision=decision,
        findings=findings,
        checks=checks,
        access="pace",
        identity=identity or make_identity(),
        portrait=Portrait(b"\x89PNG portrait", 3, 4, "jpeg"),
        files=(("DG1", b"mrz"),),
        timings=(("access", 12.5), ("end", 400.0)),
        link=LinkUse(80, 1500, 24000),
        policy="operational",
    )


class FakeWatch:
    """Tell of readers and cards when a test says so, on the test's thread."""

    def __init__(self) -> None:
        self._on_change: Callable[[ReaderSnapshot], None] | None = None
        self._reader = ReaderState(READER, SlotState.EMPTY, emulated=True)
        self._insertions = 0
        self.emulated = True

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        self._on_change = on_change

    def stop(self) -> None:
        self._on_change = None

    def tell(self, *readers: ReaderState, service: ServiceState = ServiceState.RUNNING) -> None:
        if self._on_change is not None:
            self._on_change(ReaderSnapshot(service, readers))

    def plug(self) -> None:
        self.tell(self._reader)

    def unplug(self) -> None:
        self.tell()

    def card(self, slot: SlotState = SlotState.PRESENT) -> None:
        self._insertions += 1
        self.tell(ReaderState(READER, slot, b"\x3b", self._insertions, emulated=self.emulated))

    def card_out(self) -> None:
        self.tell(ReaderState(READER, SlotState.EMPTY, b"", self._insertions, emulated=self.emulated))


# Of a channel that nobody speaks over.
_NO_KEYS = SessionKeys(CipherSuite.AES_128, bytes(16), bytes(16))


class _SilentLink:
    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        raise AssertionError("the fake inspector sends nothing")


class FakeTerminal:
    """Hand out a link that nobody uses, and remember how many connections are open."""

    def __init__(self) -> None:
        self.open = 0
        self.trouble: MotCuaError | None = None
        self.waits = False
        self._cancel = threading.Event()
        self._on_held: Callable[[str], None] = lambda _: None

    def of(self, cancel: threading.Event, on_held: Callable[[str], None]) -> FakeTerminal:
        self._cancel, self._on_held = cancel, on_held
        return self

    def connect(self, reader: str) -> AbstractContextManager[CardLink]:
        return self._connect()

    @contextmanager
    def _connect(self) -> Iterator[CardLink]:
        if self.trouble is not None:
            raise self.trouble
        if self.waits:
            self._on_held(READER)
            while not self._cancel.wait(0.005):
                if not self.waits:
                    break
            else:
                raise Cancelled
        self.open += 1
        try:
            yield _SilentLink()
        finally:
            self.open -= 1


class FakeInspector:
    """Tell of a whole reading, then wait until a test lets it end; ``result`` is what it ends with.

    ``leaves`` is what it hands over where it is interrupted; ``begun_from`` the bytes each reading knew of before.
    ``make`` builds the result anew for each reading, so that nothing here holds a citizen's data.
    """

    def __init__(self) -> None:
        self.make: Callable[[], Inspection] = make_inspection
        self.trouble: Callable[[], Exception] | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.heeds_cancel = True
        self.threads: list[str] = []
        self.leaves: ReadCache | None = None
        self.begun_from: list[int] = []
        self.chip = OpenChip(_SilentLink(), SecureMessaging(_SilentLink(), _NO_KEYS), None)

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
        self.threads.append(threading.current_thread().name)
        self.begun_from.append(known.size if known else 0)
        try:
            inspection = self._inspect(on_event, cancel)
            if afterwards is not None:
                afterwards(inspection, self.chip)
            return inspection
        except (CardError, PCSCError, Cancelled):
            if keep is not None and self.leaves is not None:
                keep(self.leaves)
            raise

    def _inspect(self, on_event: OnEvent, cancel: threading.Event) -> Inspection:
        inspection = self.make()
        assert inspection.identity is not None
        assert inspection.portrait is not None
        on_event(StepStarted(Step.ACCESS))
        on_event(FileProgress("DG1", 95, 95))
        on_event(IdentityRead(inspection.identity))
        on_event(CheckJudged(inspection.checks[0]))
        on_event(PortraitRead(inspection.portrait))
        self._wait(cancel)
        if self.trouble is not None:
            raise self.trouble()
        return inspection

    def _wait(self, cancel: threading.Event) -> None:
        while not self.go_on.wait(0.005):
            if self.heeds_cancel and cancel.is_set():
                raise Cancelled
        if self.heeds_cancel and cancel.is_set():
            raise Cancelled


class FakeRegister:
    """Answer both kinds of look-ups when a test lets it."""

    def __init__(self) -> None:
        self.record: PopulationRecord | LandHoldings | None = None
        self.trouble: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.lookups: list[str] = []
        self.asked: list[Lookup] = []
        self.confirmation = Confirmation(together=True)
        self.errand: Errand | None = None
        self.begun = threading.Event()
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.go_on.set()

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        return self._answer("population", lookup)

    def find_holdings(self, lookup: Lookup, errand: Errand | None = None) -> Answer[LandHoldings]:
        self.errand = errand
        return self._answer("land", lookup)

    def confirm(self, lookup: Lookup) -> Answer[Confirmation]:
        self._answer("population", lookup)
        self.asked.pop()
        return Answer("population", self.confirmation, "key-1", MOMENT)

    def _answer(self, register: str, lookup: Lookup) -> Answer:  # type: ignore[type-arg]  # of either kind
        self.lookups.append(lookup.lookup_id)
        self.asked.append(lookup)
        self.begun.set()
        assert self.go_on.wait(10)
        if self.trouble is not None:
            raise self.trouble
        return Answer(register, self.record, "key-1", MOMENT)


class FakeTimer:
    def __init__(self, at: float, callback: Callable[[], None]) -> None:
        self.at = at
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """Stand still until a test lets time pass."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[FakeTimer] = []

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(self._now + seconds, callback)
        self._timers.append(timer)
        return timer

    def let_pass(self, seconds: float) -> None:
        end = self._now + seconds
        while True:
            due = sorted((t for t in self._timers if not t.cancelled and t.at <= end), key=lambda t: t.at)
            if not due:
                break
            self._timers.remove(due[0])
            self._now = due[0].at
            due[0].callback()
        self._now = end


class FakeWaiting:
    """Let look-ups at the land register wait, or refuse to, and count them."""

    def __init__(self) -> None:
        self.queued: list[tuple[str, str, str]] = []
        self.lookups: list[Lookup] = []
        self.woken = 0
        self.trouble: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.on_change: Callable[[], None] = lambda: None
        self.closed = False

    def takes(self, register: str) -> bool:
        return register == "land"

    def start(self, on_change: Callable[[], None]) -> None:
        self.on_change = on_change

    def view(self) -> WaitingView:
        return WaitingView(count=len(self.queued))

    def queue(self, register: str, lookup: Lookup, dossier: str, *, questions: bool = False, after: int = 0) -> None:
        assert self.go_on.wait(10)
        if self.trouble is not None:
            raise self.trouble
        self.queued.append((register, lookup.lookup_id, dossier))
        self.lookups.append(lookup)
        self.on_change()

    def wake(self) -> None:
        self.woken += 1

    def close(self) -> None:
        self.closed = True
        self.go_on.set()


class FakePresence:
    """Tell that a card is needed, and what came of the tap (``PresenceStep``); ``asked`` are the requests of each.

    ``reopen`` opens the card once more, unless ``trouble`` is in the way.
    """

    def __init__(self) -> None:
        self.asked: list[Mapping[str, bytes]] = []
        self.known: Tap | None = None
        self.trouble: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.closed = False

    def tap(
        self,
        inspection: Inspection,
        chip: OpenChip,
        requests: Mapping[str, bytes],
        purpose: str,
        clerk: str,
        cancel: threading.Event,
    ) -> Tap:
        self.asked.append(requests)
        return Tap(TapState.VERIFIER_AWAY, local=2)

    def without_card(self, inspection: Inspection, requests: Mapping[str, bytes], purpose: str) -> Tap | None:
        return self.known

    def untapped(self, inspection: Inspection, purpose: str, state: TapState) -> Tap:
        return Tap(state, local=2)

    def hold(self, tap: Tap, register: str, receipt: str) -> RegisterPresence | None:
        return None

    def close(self) -> None:
        self.closed = True
        self.go_on.set()

    def reopen(
        self,
        link: CardLink,
        key: KeyInput,
        inspection: Inspection,
        then: Callable[[OpenChip], None],
        cancel: threading.Event,
    ) -> None:
        while not self.go_on.wait(0.005):
            if cancel.is_set():
                break
        if cancel.is_set():
            raise Cancelled
        if self.trouble is not None:
            raise self.trouble
        then(OpenChip(_SilentLink(), SecureMessaging(_SilentLink(), _NO_KEYS), None))


class NotedCounter(Counter[str]):
    """Count, and wake whoever waits for a count."""

    def __init__(self, news: threading.Condition) -> None:
        super().__init__()
        self._news = news

    def __setitem__(self, key: str, value: int) -> None:
        with self._news:
            super().__setitem__(key, value)
            self._news.notify_all()


@dataclass
class Bench:
    """Hold a desk on fakes; ``wait_for`` waits on the desk's own views, never on time."""

    watch: FakeWatch = field(default_factory=FakeWatch)
    terminal: FakeTerminal = field(default_factory=FakeTerminal)
    inspector: FakeInspector = field(default_factory=FakeInspector)
    population: FakeRegister = field(default_factory=FakeRegister)
    land: FakeRegister = field(default_factory=FakeRegister)
    clock: FakeClock = field(default_factory=FakeClock)
    waiting: FakeWaiting | None = None
    clerk: ClerkPost = field(default_factory=SettingsClerk)
    presence: FakePresence | None = None
    number: str = "099090000001"
    land_seconds: float = 0.0
    certificates: tuple[OfficeCertificate, ...] = ()

    def __post_init__(self) -> None:
        self.population.record = make_record()
        self.land.record = LandHoldings((make_parcel(),))

        def word(lookup: Lookup) -> bytes:
            return lookup.lookup_id.encode()

        self.desk = Desk(
            DeskParts(
                watch=self.watch,
                terminal_for=self.terminal.of,
                inspect=self.inspector,
                registers=Registers(
                    (
                        DeskRegister(
                            POPULATION_KIND,
                            self.population.find_citizen,
                            self.population.close,
                            confirm=self.population.confirm,
                            word=word,
                            find_worded=lambda lookup, *_: self.population.find_citizen(lookup),
                            word_questions=lambda lookup: f"questions {lookup.lookup_id}".encode(),
                            confirm_worded=lambda lookup, *_: self.population.confirm(lookup),
                        ),
                        DeskRegister(
                            LAND_KIND,
                            self.land.find_holdings,
                            self.land.close,
                            word=word,
                            find_worded=lambda lookup, *_: self.land.find_holdings(lookup),
                            seconds=self.land_seconds,
                        ),
                    ),
                    waiting=self.waiting,  # type: ignore[arg-type]  # a fake that does the same
                    certificates=self.certificates,
                ),
                surroundings=Surroundings(clerk="Cán Bộ", clerk_id="c1", purpose="land-change-registration"),
                clock=self.clock,
                clerk=self.clerk,
                presence=self.presence,
                reopen=self.presence.reopen if self.presence is not None else None,
                idle_seconds=120,
                settle_seconds=3,
            )
        )
        self._news = threading.Condition()
        self.desk.ignored = NotedCounter(self._news)
        self.view: DeskView | None = None
        self.states: list[DeskState] = []
        self.desk.subscribe(self._take)
        self.desk.start()

    def _take(self, view: DeskView) -> None:
        with self._news:
            self.view = view
            if not self.states or self.states[-1] is not view.state:
                self.states.append(view.state)
            self._news.notify_all()

    def wait_for(self, wanted: DeskState | Callable[[DeskView], bool]) -> DeskView:
        def there() -> bool:
            if self.view is None:
                return False
            return self.view.state is wanted if isinstance(wanted, DeskState) else wanted(self.view)

        with self._news:
            assert self._news.wait_for(there, timeout=30), f"still {self.view} after {self.states}"
            assert self.view is not None
            return self.view

    def wait_until_ignored(self, what: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.desk.ignored[what] > 0, timeout=30)

    def read(self) -> None:
        """Plug the reader, put a card on and type its number."""
        self.watch.plug()
        self.watch.card()
        self.desk.enter_key(self.number)

    def show(self) -> DeskView:
        """Conduct a visit up to its result."""
        self.read()
        return self.wait_for(DeskState.SHOWING)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.inspector.go_on.set()
    made.population.go_on.set()
    made.land.go_on.set()
    made.desk.close()


@pytest.fixture
def bench_with_presence() -> Iterator[Bench]:
    """Return a desk at which the card has to prove itself."""
    made = Bench(presence=FakePresence())
    yield made
    for one in (made.inspector, made.population, made.land, made.presence):
        assert one is not None
        one.go_on.set()
    made.desk.close()


@pytest.fixture
def patient_bench() -> Iterator[Bench]:
    """Return a desk whose land register is asked with patience, and waits for ``go_on`` before it answers."""
    made = Bench(land_seconds=10.0)
    made.land.go_on.clear()
    yield made
    made.land.go_on.set()
    made.desk.close()


@pytest.fixture
def bench_showing() -> Iterator[Callable[..., Bench]]:
    """Return what makes a desk with an office's certificates."""
    made: list[Bench] = []

    def make(*certificates: OfficeCertificate) -> Bench:
        made.append(Bench(certificates=certificates))
        return made[-1]

    yield make
    for one in made:
        one.desk.close()


@pytest.fixture
def bench_with_queue(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Return a desk whose land register's look-ups can wait; the register is away. A parameter is the clerk's post."""
    made = Bench(waiting=FakeWaiting(), clerk=getattr(request, "param", None) or SettingsClerk())
    made.land.trouble = RegisterTimeout("land", "deadline")
    yield made
    for one in (made.inspector, made.population, made.land, made.waiting):
        assert one is not None
        one.go_on.set()
    made.desk.close()


@pytest.fixture
def identity() -> Callable[..., Identity]:
    return make_identity


@pytest.fixture
def record() -> Callable[..., PopulationRecord]:
    return make_record


@pytest.fixture
def parcel() -> Callable[..., Parcel]:
    return make_parcel


@pytest.fixture
def inspection() -> Callable[..., Inspection]:
    return make_inspection
