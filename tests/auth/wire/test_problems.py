"""Who says no: only a signed word of the register itself is its refusal, and only for a time that we set."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.errors import AnswerNotTrusted, RegisterError, RegisterRefused, RegisterUnreachable, RequestRejected
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.problem import read_problem, retry_after
from auth.wire.profile import MAX_RETRY_AFTER_S, PROBLEM_BASE
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

TRACE = "0af7651916cd43dd8448eb211c80319c"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _problem(**changes: object) -> bytes:
    said = {
        "type": PROBLEM_BASE + "purpose-not-allowed",
        "title": "purpose not allowed",
        "status": 403,
        "origin": "registry",
        "retryable": False,
        "trace_id": TRACE,
    }
    return json.dumps({name: value for name, value in {**said, **changes}.items() if value is not None}).encode()


def _ask(register, device: DeviceCredential, lookup: Lookup) -> RegisterError:
    client = PopulationClient(register.endpoint, device, deadline_s=5.0)
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
        return caught.value
    finally:
        client.close()


@pytest.fixture
def refuse_with(
    raw_register, device: DeviceCredential, lookup: Lookup, wire_bytes: Callable[[HttpAnswer], bytes]
) -> Callable[..., RegisterError]:
    """Return what a look-up ends in when the register signs ``body`` as its problem document."""

    def ask(body: bytes, status: int = 403, headers: tuple[tuple[str, str], ...] = ()) -> RegisterError:
        def refuse(request: HttpRequest, key: SandboxKey) -> bytes:
            plain = PlainAnswer(status, "application/problem+json", body, headers)
            return wire_bytes(sign_answer(request, plain, key))

        return _ask(raw_register(refuse), device, lookup)

    return ask


@pytest.mark.parametrize(
    ("origin", "kind"),
    [("registry", RegisterRefused), ("client", RequestRejected), ("gateway", RegisterUnreachable)],
)
def test_a_signed_problem_is_what_its_origin_makes_of_it(
    refuse_with: Callable[..., RegisterError], origin: str, kind: type[RegisterError]
) -> None:
    caught = refuse_with(_problem(origin=origin, retryable=True))
    assert type(caught) is kind
    assert (caught.why, caught.retryable, caught.trace_id) == ("purpose-not-allowed", True, TRACE)
    assert caught.register == "population"


@pytest.mark.parametrize(
    "body",
    [
        _problem(type="urn:motcua:problem:099090000001"),
        _problem(type="about:blank", detail="Nguyen Van Mau"),
        _problem(type=""),
    ],
)
def test_a_signed_refusal_is_told_by_a_name_that_we_know(
    refuse_with: Callable[..., RegisterError], body: bytes
) -> None:
    caught = refuse_with(body)
    assert (type(caught), caught.why, caught.retry_after_s) == (RegisterRefused, "refused", None)
    assert PROBLEM_BASE not in str(caught)


@pytest.mark.parametrize(
    "body",
    [
        _problem(origin=None),
        _problem(origin="register"),
        _problem(origin=["registry"]),
        _problem(type=7),
        _problem(retryable="no"),
        _problem(trace_id=None),
        b"[]",
        b"[" * 8_000,
        b"\xff",
        b"",
        _problem(detail="x" * 9_000),
    ],
)
def test_a_signed_problem_that_does_not_say_who_speaks_is_no_verdict(
    refuse_with: Callable[..., RegisterError], body: bytes
) -> None:
    caught = refuse_with(body)
    assert (type(caught), caught.why, caught.register) == (AnswerNotTrusted, "problem-malformed", "population")


def test_a_trace_that_is_none_is_not_passed_on(refuse_with: Callable[..., RegisterError]) -> None:
    assert refuse_with(_problem(trace_id="099090000001")).trace_id == ""


def test_how_long_to_wait_is_signed_with_the_problem(refuse_with: Callable[..., RegisterError]) -> None:
    assert refuse_with(_problem(), headers=(("retry-after", "30"),)).retry_after_s == 30.0


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        (b"retry-after: 120", 120.0, 120.0),
        (b"retry-after: 86400", 900.0, 900.0),
        (b"retry-after: soon", None, None),
        (f"retry-after: {format_datetime(datetime.now(UTC) + timedelta(hours=8), usegmt=True)}".encode(), 900.0, 900.0),
    ],
    ids=["seconds", "a day", "a word", "a date"],
)
def test_an_unsigned_503_is_no_verdict_and_its_retry_after_a_hint(
    raw_register, device: DeviceCredential, lookup: Lookup, line: bytes, least: float | None, most: float | None
) -> None:
    answer = b"HTTP/1.1 503 Away\r\n%s\r\ncontent-length: 0\r\n\r\n" % line
    caught = _ask(raw_register(lambda _request, _key: answer), device, lookup)
    assert (type(caught), caught.why) == (RegisterUnreachable, "http-503")
    assert caught.retry_after_s == least == most


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("999999999", float(MAX_RETRY_AFTER_S)),
        ("9999999999999", None),
        ("-1", None),
        ("1.5", None),
        ("١٢٠", None),
        # RFC 9110 §10.2.3 gives both forms; this date is §5.6.7's, long gone.
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Thu, 26 Nov 2026 12:01:30 GMT", 90.0),
        ("Thu, 26 Nov 2026 23:00:00 GMT", float(MAX_RETRY_AFTER_S)),
        ("Thu, 26 Nov 2026 12:01:30 -0000", 90.0),
        ("tomorrow", None),
        # As long as a date may be, and one longer.
        ("Thu, 26 Nov 2026 12:01:30 GMT".replace(", ", ", ".ljust(13)), 90.0),
        ("Thu, 26 Nov 2026 12:01:30 GMT".replace(", ", ", ".ljust(14)), None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(field: str | None, seconds: float | None) -> None:
    assert retry_after(field, NOW) == seconds


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,8} [A-Z]{3}"))
def test_no_retry_after_makes_anybody_wait_longer_than_we_say(field: str) -> None:
    wait = retry_after(field)
    assert wait is None or 0 <= wait <= MAX_RETRY_AFTER_S


@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.text() | st.booleans()).map(json.dumps).map(str.encode))
def test_no_bytes_whatsoever_become_a_problem_by_chance_or_make_the_reader_fall(body: bytes) -> None:
    with pytest.raises(AnswerNotTrusted):
        read_problem("land", body)


@pytest.mark.parametrize(
    ("refusal", "origin", "retryable"),
    [
        (Refusal(403, "purpose-not-allowed"), "registry", False),
        (Refusal(429, "too-many-requests"), "registry", True),
        (Refusal(503, "maintenance"), "gateway", True),
        (Refusal(400, "digest-mismatch"), "client", False),
        (Refusal(409, "replayed-request"), "client", True),
    ],
)
def test_the_sandbox_says_who_speaks(refusal: Refusal, origin: str, retryable: bool) -> None:
    request = HttpRequest("POST", "https://127.0.0.1:1/x", {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, b"")
    problem = read_problem("land", plain_refusal(request, refusal).body)
    assert (problem.name, problem.origin, problem.retryable, problem.trace_id) == (
        refusal.name,
        origin,
        retryable,
        TRACE,
    )


def test_a_date_without_a_zone_is_read_as_utc_and_one_that_is_over_means_now() -> None:
    # "-0000" says that nobody knows the zone (RFC 5322 §3.3).
    assert retry_after("Thu, 01 Jan 2026 00:00:30 -0000", datetime(2026, 1, 1, tzinfo=UTC)) == 30.0
    assert retry_after("Thu, 01 Jan 2026 00:00:00 -0000", datetime(2026, 1, 2, tzinfo=UTC)) == 0.0


def test_a_date_is_held_against_this_moment_where_no_other_is_given() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    waited = retry_after(soon)
    assert waited is not None
    assert 10.0 < waited <= 20.0


@pytest.mark.parametrize(("size", "is_read"), [(8_192, True), (8_193, False)])
def test_a_problem_is_read_up_to_its_limit_and_no_further(size: int, is_read: bool) -> None:
    said = {"type": f"{PROBLEM_BASE}unknown-device", "origin": "client", "retryable": False, "trace_id": ""}
    body = json.dumps(said).encode().ljust(size)
    if is_read:
        assert read_problem("land", body).name == "unknown-device"
    else:
        with pytest.raises(AnswerNotTrusted, match="problem-malformed"):
            read_problem("land", body)
