"""One effect for one key: sent twice, from two windows, after a lost answer or a dead process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from auth.errors import RegisterUnreachable, RequestRejected
from auth.purposes import shipped_registry
from auth.registers import Lookup
from auth.registers.lookups import Wish, allowed_lookup, word_lookup
from auth.registers.population import PopulationClient
from auth.wire.client import WireClient
from auth.wire.envelope import Inner
from auth.wire.identifiers import new_idempotency_key
from auth.wire.profile import POPULATION_PATH
from mock_registers import Fault, open_register_sandbox
from mock_registers.gate import Admitted, EnrolledDevice, Unread
from mock_registers.idempotency import KEPT_S, LEASE_S, Answered
from mock_registers.keys import SandboxKey
from mock_registers.messages import Citizen, LookupRequest
from mock_registers.refusal import Refusal
from mock_registers.storage import Storage

KEY = SandboxKey()
NUMBER = "099090000001"


def _admitted(key: str = "k1", fingerprint: str = "f1", device: str = "desk-1", number: str = NUMBER) -> Admitted:
    citizen = Citizen(personal_number=number, full_name="Nguyễn Văn Mẫu", date_of_birth="1990-01-15")
    lookup = LookupRequest(
        device=device, lookup_id="visit-1", purpose="p", legal_basis="b", clerk="cb-001", citizen=citizen
    )
    return Admitted(EnrolledDevice(device, KEY.key_id, KEY.public_key), lookup, Inner(b"{}"), key, fingerprint)


class _Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def url(database_url: str) -> str:
    """Return an empty database, of SQLite and of PostgreSQL."""
    return database_url


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    opened = Storage(url)
    yield opened
    opened.close()


@pytest.fixture
def answered(storage: Storage, clock: _Clock) -> Answered:
    return Answered("population", storage.engine, clock)


def _refused(answered: Answered, admitted: Admitted, answer: Callable[[], bytes] = lambda: b"never") -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        answered.once(admitted, answer)
    return caught.value.status, caught.value.name


def test_the_first_is_answered_and_the_second_is_given_the_same(answered: Answered) -> None:
    first, again = (answered.once(_admitted(), lambda text=text: text) for text in (b"one", b"two"))
    assert (first.sealed, first.again) == (b"one", False)
    assert (again.sealed, again.again) == (b"one", True)
    assert answered.accesses(NUMBER) == 1
    assert "one" not in repr(first)


def test_another_key_device_or_register_is_another_request(answered: Answered, storage: Storage) -> None:
    other_register = Answered("land", storage.engine)
    assert answered.once(_admitted(), lambda: b"1").sealed == b"1"
    assert answered.once(_admitted(key="k2"), lambda: b"2").sealed == b"2"
    assert answered.once(_admitted(device="desk-2"), lambda: b"3").sealed == b"3"
    assert other_register.once(_admitted(), lambda: b"4").sealed == b"4"
    assert (answered.accesses(NUMBER), other_register.accesses(NUMBER)) == (3, 1)


def test_other_bytes_under_the_same_key_are_refused_for_good(answered: Answered, clock: _Clock) -> None:
    answered.once(_admitted(), lambda: b"1")
    assert _refused(answered, _admitted(fingerprint="f2")) == (422, "idempotency-key-reused")
    clock.now += LEASE_S + 1
    assert _refused(answered, _admitted(fingerprint="f2")) == (422, "idempotency-key-reused")
    assert answered.accesses(NUMBER) == 1


def _unread(clerk: str | None = None, **changes: str) -> Unread:
    admitted = _admitted(**changes)
    return Unread(admitted.device, clerk, admitted.idempotency_key, admitted.fingerprint)


@pytest.mark.parametrize("clerk", [None, "cb-001"])
def test_what_was_answered_is_given_again_to_bytes_that_are_read_no_longer(
    answered: Answered, clerk: str | None
) -> None:
    assert answered.again(_unread(clerk)) is None
    answered.once(_admitted(), lambda: b"1")
    assert answered.again(_unread(clerk)) == b"1"
    assert answered.accesses(NUMBER) == 1


def test_to_another_clerk_key_or_device_it_is_not_given(answered: Answered) -> None:
    answered.once(_admitted(), lambda: b"1")
    assert answered.again(_unread("cb-002")) is None
    assert answered.again(_unread(key="k2")) is None
    assert answered.again(_unread(device="desk-2")) is None
    with pytest.raises(Refusal, match="idempotency-key-reused"):
        answered.again(_unread(fingerprint="f2"))


def test_what_is_read_no_longer_waits_while_it_is_worked_on_and_gives_way_once_that_is_forsaken(
    answered: Answered, clock: _Clock
) -> None:
    """Told that nothing came of it, a desk seals it anew; the slow one, alive after all, has no effect any more."""

    def answer() -> bytes:
        with pytest.raises(Refusal, match="request-in-progress"):
            answered.again(_unread())
        clock.now += LEASE_S + 1
        assert answered.again(_unread()) is None
        assert answered.once(_admitted(fingerprint="f2"), lambda: b"2").sealed == b"2"
        return b"1"

    assert _refused(answered, _admitted(), answer) == (422, "idempotency-key-reused")
    assert answered.again(_unread(fingerprint="f2")) == b"2"
    assert answered.accesses(NUMBER) == 1


def test_what_is_sealed_anew_is_answered_where_a_process_died_over_what_was_sealed_before(
    answered: Answered, clock: _Clock
) -> None:
    answered._begin(_admitted(), int(clock()))
    clock.now += LEASE_S + 1
    assert answered.again(_unread()) is None
    assert not answered.once(_admitted(fingerprint="f2"), lambda: b"2").again
    assert answered.accesses(NUMBER) == 1


def test_while_one_is_worked_on_the_other_waits(answered: Answered) -> None:
    def answer() -> bytes:
        assert _refused(answered, _admitted()) == (409, "request-in-progress")
        assert _refused(answered, _admitted(fingerprint="f2")) == (422, "idempotency-key-reused")
        return b"1"

    assert answered.once(_admitted(), answer).sealed == b"1"
    assert answered.accesses(NUMBER) == 1


def test_what_failed_had_no_effect_and_may_come_again(answered: Answered) -> None:
    def fail() -> bytes:
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        answered.once(_admitted(), fail)
    assert answered.accesses(NUMBER) == 0
    assert answered.once(_admitted(), lambda: b"2").sealed == b"2"
    assert answered.accesses(NUMBER) == 1


def test_what_a_dead_process_began_is_done_by_the_next_and_once(
    answered: Answered, storage: Storage, clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die() -> bytes:
        # A killed process tidies nothing up.
        monkeypatch.setattr(answered, "_abandon", lambda *_what: None)
        raise Killed

    with pytest.raises(Killed):
        answered.once(_admitted(), die)
    next_process = Answered("population", storage.engine, clock)
    assert _refused(next_process, _admitted()) == (409, "request-in-progress")
    clock.now += LEASE_S
    assert next_process.once(_admitted(), lambda: b"2").sealed == b"2"
    assert next_process.accesses(NUMBER) == 1


def test_who_was_overtaken_takes_nothing_back_from_who_goes_on(answered: Answered, clock: _Clock) -> None:
    begun, fail = threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        fail.wait(10)
        raise TimeoutError

    def answer() -> bytes:
        # The first one fails while this one, which took over from it, is at work.
        fail.set()
        with pytest.raises(TimeoutError):
            first.result(10)
        return b"2"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(answered.once, _admitted(), slow)
        assert begun.wait(10)
        clock.now += LEASE_S
        assert answered.once(_admitted(), answer).sealed == b"2"
    assert answered.once(_admitted(), lambda: b"3").sealed == b"2"
    assert answered.accesses(NUMBER) == 1


def test_who_was_overtaken_gives_the_answer_of_who_went_on(answered: Answered, clock: _Clock) -> None:
    def slow() -> bytes:
        clock.now += LEASE_S
        assert answered.once(_admitted(), lambda: b"2").sealed == b"2"
        return b"1"

    assert answered.once(_admitted(), slow).sealed == b"2"
    assert answered.once(_admitted(), lambda: b"3").sealed == b"2"
    assert answered.accesses(NUMBER) == 1


def test_a_key_that_was_forgotten_is_answered_anew_and_is_no_second_access(
    answered: Answered, storage: Storage, clock: _Clock
) -> None:
    answered.once(_admitted(), lambda: b"1")
    clock.now += KEPT_S + 1
    later = Answered("population", storage.engine, clock)
    assert later.once(_admitted(), lambda: b"2").sealed == b"2"
    assert later.accesses(NUMBER) == 1


def test_a_forgotten_key_hides_no_access_to_another_citizen(
    answered: Answered, storage: Storage, clock: _Clock
) -> None:
    answered.once(_admitted(), lambda: b"1")
    clock.now += KEPT_S + 1
    later = Answered("population", storage.engine, clock)
    other = _admitted(number="099090000002")
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            later.once(other, lambda: b"2")
        assert (caught.value.status, caught.value.name) == (422, "idempotency-key-reused")


def test_an_answer_outlives_the_process_and_a_week_offline(url: str, clock: _Clock) -> None:
    storage = Storage(url)
    Answered("population", storage.engine, clock).once(_admitted(), lambda: b"1")
    storage.close()
    clock.now += 8 * 86_400
    storage = Storage(url)
    later = Answered("population", storage.engine, clock)
    assert later.once(_admitted(), lambda: b"2").again
    clock.now += KEPT_S
    assert not later.once(_admitted(key="k2"), lambda: b"3").again
    assert not later.once(_admitted(key="k3"), lambda: b"4").again
    storage.close()
    assert KEPT_S >= 8 * 86_400


def test_of_many_at_once_one_has_the_effect(url: str) -> None:
    storages = [Storage(url) for _ in range(4)]
    start = threading.Barrier(4)

    def ask(storage: Storage) -> bytes:
        start.wait()
        try:
            return Answered("population", storage.engine).once(_admitted(), lambda: b"answer").sealed
        except Refusal as refusal:
            return refusal.name.encode()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, storages))
    assert set(told) <= {b"answer", b"request-in-progress"}
    assert b"answer" in told
    assert Answered("population", storages[0].engine).accesses(NUMBER) == 1
    for storage in storages:
        storage.close()


# --- over the wire ----------------------------------------------------------------------------------------------------


def _accesses(url: str, number: str) -> int:
    storage = Storage(url)
    try:
        return Answered("population", storage.engine).accesses(number)
    finally:
        storage.close()


@pytest.fixture
def sealed_ask(lookup: Lookup) -> Callable[[WireClient, str], tuple[bytes, str]]:
    def make(client: WireClient, device_id: str) -> tuple[bytes, str]:
        asked = allowed_lookup("population", Wish.DATA, lookup, shipped_registry())
        return client.seal(word_lookup("population", device_id, asked)), new_idempotency_key()

    return make


def test_a_lost_answer_is_given_again_and_the_record_was_looked_at_once(
    url: str, lookup: Lookup, sealed_ask: Callable[[WireClient, str], tuple[bytes, str]]
) -> None:
    with open_register_sandbox(fault=Fault.LOST_ANSWER, database_url=url) as sandbox:
        client = WireClient(sandbox.endpoint("population"), sandbox.device)
        sealed, key = sealed_ask(client, sandbox.device.device_id)
        with pytest.raises(RegisterUnreachable, match="connection-broken"):
            client.ask_sealed(POPULATION_PATH, sealed, lookup.purpose, key)
        answer = client.ask_sealed(POPULATION_PATH, sealed, lookup.purpose, key)
        client.close()
    assert lookup.personal_number.encode() in answer.body
    assert _accesses(url, lookup.personal_number) == 1


def test_two_windows_with_the_same_envelope_have_one_effect(
    url: str, lookup: Lookup, sealed_ask: Callable[[WireClient, str], tuple[bytes, str]]
) -> None:
    with open_register_sandbox(database_url=url) as sandbox:
        windows = [WireClient(sandbox.endpoint("population"), sandbox.device) for _ in range(4)]
        sealed, key = sealed_ask(windows[0], sandbox.device.device_id)

        def ask(window: WireClient) -> bytes:
            for _ in range(100):
                try:
                    return window.ask_sealed(POPULATION_PATH, sealed, lookup.purpose, key).body
                except RequestRejected as rejected:
                    # Where requests are worked on side by side, one is at it and the others are told to come again.
                    if (rejected.why, rejected.retryable) != ("request-in-progress", True):
                        raise
            raise AssertionError("it was never done")

        with ThreadPoolExecutor(4) as pool:
            bodies = set(pool.map(ask, windows))
        for window in windows:
            window.close()
    assert len(bodies) == 1
    assert _accesses(url, lookup.personal_number) == 1


def test_every_look_up_of_its_own_is_an_access_and_a_refused_one_is_none(url: str, lookup: Lookup) -> None:
    with open_register_sandbox(database_url=url) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        client.find_citizen(lookup)
        client.find_citizen(lookup)
        client.close()
        wire = WireClient(sandbox.endpoint("population"), sandbox.device)
        body = word_lookup(
            "population", sandbox.device.device_id, allowed_lookup("population", Wish.DATA, lookup, shipped_registry())
        )
        with pytest.raises(RequestRejected, match="purpose-mismatch"):
            wire.ask(POPULATION_PATH, body, "permanent-residence")
        wire.close()
    assert _accesses(url, lookup.personal_number) == 2
