"""The status list: packed as told, bounded, believed for a day; bad news do not age."""

from __future__ import annotations

import contextlib
import itertools
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device.errors import (
    DeviceNotActive,
    DeviceNotEnrolled,
    DevicePending,
    DeviceRevoked,
    DeviceStatusUnknown,
    DeviceSuspended,
    DeviceWiped,
)
from auth.device.messages import NEW_KEYS_KIND, NewKeysClaims
from auth.device.statements import MAX_STATEMENT, read_statement, write_statement
from auth.device.states import DeviceState
from auth.device.status import (
    STATUS_KIND,
    Standing,
    StatusArray,
    StatusClaims,
    pack_states,
    standing_of,
    state_at,
)
from auth.device_key import DeviceKey
from auth.presence.encoding import to_text
from reader.errors import DataError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _claims(state: DeviceState, made: datetime = NOW, exp: datetime | None = None) -> StatusClaims:
    iat = int(made.timestamp())
    until = int((exp or made + DAY).timestamp())
    return StatusClaims(iss="enrolment", iat=iat, exp=until, ttl=900, status_list=pack_states({1: state}))


@given(st.dictionaries(st.integers(0, 200), st.sampled_from([s for s in DeviceState if s is not DeviceState.WIPED])))
def test_what_is_packed_is_read_back_and_nobody_else_is_active(states: dict[int, DeviceState]) -> None:
    array = pack_states(states)
    for index in range(max(states, default=0) + 1):
        assert state_at(array, index) is states.get(index, DeviceState.REVOKED)


def test_a_wiped_device_is_revoked_in_the_list() -> None:
    assert state_at(pack_states({2: DeviceState.WIPED}), 2) is DeviceState.REVOKED


def test_the_array_has_two_bits_a_device_the_first_in_the_lowest() -> None:
    states = {0: DeviceState.SUSPENDED, 1: DeviceState.REVOKED, 2: DeviceState.PENDING, 3: DeviceState.ACTIVE}
    assert pack_states(states).lst == to_text(zlib.compress(bytes([0b00_11_01_10]), 9))


@pytest.mark.parametrize(
    "lst",
    [
        "",
        "x",
        to_text(b"no zlib"),
        to_text(zlib.compress(b"")),
        to_text(zlib.compress(b"\0" * 8) + b"x"),
        to_text(zlib.compress(b"\0" * 64)[:-1]),
        to_text(zlib.compress(bytes((1 << 22) + 1), 9)),
    ],
    ids=["empty", "short", "foreign", "nobody", "more behind", "cut", "endless"],
)
def test_an_array_that_is_damaged_endless_or_too_short_is_refused(lst: str) -> None:
    with pytest.raises(DataError):
        state_at(StatusArray(lst=lst), 5)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_array_or_a_data_error(raw: bytes) -> None:
    with contextlib.suppress(DataError):
        assert state_at(StatusArray(lst=to_text(raw)), 0) in DeviceState


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(days=400), False),
        (timedelta(seconds=-60), True),
        (timedelta(seconds=-61), False),
        (timedelta(days=-3650), False),
    ],
)
def test_good_news_count_for_a_day_and_not_before_they_were_made(age: timedelta, fresh: bool) -> None:
    standing = standing_of(DeviceState.ACTIVE, _claims(DeviceState.ACTIVE, exp=NOW + 999 * DAY), 1, NOW + age)
    assert standing.fresh is fresh
    assert standing.may_look_up is fresh
    if not fresh:
        with pytest.raises(DeviceStatusUnknown):
            standing.require_lookup()


def test_a_list_says_itself_from_when_on_it_is_void() -> None:
    soon = _claims(DeviceState.ACTIVE, exp=NOW + timedelta(hours=1))
    assert standing_of(DeviceState.ACTIVE, soon, 1, NOW + timedelta(minutes=59)).fresh
    assert not standing_of(DeviceState.ACTIVE, soon, 1, NOW + timedelta(minutes=61)).fresh


@pytest.mark.parametrize("age", [timedelta(0), 400 * DAY])
def test_bad_news_do_not_age(age: timedelta) -> None:
    for state, error in ((DeviceState.SUSPENDED, DeviceSuspended), (DeviceState.REVOKED, DeviceRevoked)):
        standing = standing_of(DeviceState.ACTIVE, _claims(state), 1, NOW + age)
        with pytest.raises(error):
            standing.require_lookup()
        assert standing.outbox_frozen is (state is DeviceState.REVOKED)


EXPECTED = {
    None: DeviceNotEnrolled,
    DeviceState.PENDING: DevicePending,
    DeviceState.SUSPENDED: DeviceSuspended,
    DeviceState.REVOKED: DeviceRevoked,
    DeviceState.WIPED: DeviceWiped,
}


@pytest.mark.parametrize(("state", "fresh"), list(itertools.product([None, *DeviceState], [True, False])))
def test_one_standing_alone_lets_look_ups_be_made(state: DeviceState | None, fresh: bool) -> None:
    standing = Standing(state, fresh)
    assert standing.may_look_up is (state is DeviceState.ACTIVE and fresh)
    assert standing.outbox_frozen is (state in (DeviceState.REVOKED, DeviceState.WIPED))
    if standing.may_look_up:
        standing.require_lookup()
        return
    with pytest.raises(DeviceNotActive) as told:
        standing.require_lookup()
    assert type(told.value) is EXPECTED.get(state, DeviceStatusUnknown)


def test_without_a_list_or_a_place_in_it_nothing_is_fresh() -> None:
    for claims, index in ((None, 1), (_claims(DeviceState.ACTIVE), None)):
        assert standing_of(DeviceState.ACTIVE, claims, index, NOW) == Standing(DeviceState.ACTIVE, fresh=False)
    assert standing_of(DeviceState.WIPED, _claims(DeviceState.ACTIVE), 1, NOW).state is DeviceState.WIPED


KEY, STRANGER = SoftwareSigner.generate(), SoftwareSigner.generate()
KEYS = {KEY.key_id: DeviceKey.from_pem(KEY.public_pem())}


def test_a_statement_is_read_back_and_one_changed_character_anywhere_is_noticed() -> None:
    written = write_statement(STATUS_KIND, _claims(DeviceState.ACTIVE), KEY)
    assert read_statement(STATUS_KIND, StatusClaims, written, KEYS) == _claims(DeviceState.ACTIVE)
    for place, letter in enumerate(written):
        changed = written[:place] + ("A" if letter != "A" else "B") + written[place + 1 :]
        with pytest.raises(DataError):
            read_statement(STATUS_KIND, StatusClaims, changed, KEYS)


def test_a_statement_of_a_stranger_or_of_another_kind_is_refused() -> None:
    claims = _claims(DeviceState.ACTIVE)
    liar = SoftwareSigner.generate()
    liar._key_id = KEY.key_id
    for kind, signer in ((STATUS_KIND, STRANGER), (STATUS_KIND, liar), ("motcua-wipe-order+jwt", KEY)):
        with pytest.raises(DataError):
            read_statement(STATUS_KIND, StatusClaims, write_statement(kind, claims, signer), KEYS)
    new_keys = NewKeysClaims(device="d", old="o" * 43, signing="s" * 43, opening="p" * 43, iat=1)
    with pytest.raises(DataError, match="other claims"):
        read_statement(NEW_KEYS_KIND, StatusClaims, write_statement(NEW_KEYS_KIND, new_keys, KEY), KEYS)


@given(st.text(max_size=100) | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,86}"))
def test_any_text_is_a_statement_or_a_data_error(text: str) -> None:
    with pytest.raises(DataError):
        read_statement(STATUS_KIND, StatusClaims, text, KEYS)


def test_an_endless_statement_is_not_parsed() -> None:
    with pytest.raises(DataError, match="compact"):
        read_statement(STATUS_KIND, StatusClaims, "a.b." + "c" * MAX_STATEMENT, KEYS)
