"""The names of a request: random, in their standards' forms, and nothing of anybody in them."""

from __future__ import annotations

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.wire.identifiers import idempotency_field, new_idempotency_key, new_traceparent, trace_id_of


def test_an_idempotency_key_is_a_uuid_of_version_7_with_the_time_in_front() -> None:
    # RFC 9562 §5.7: 48 bits of Unix time in milliseconds, the version, and random bits.
    before = time.time_ns() // 1_000_000
    key = uuid.UUID(new_idempotency_key())
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert before <= key.int >> 80 <= time.time_ns() // 1_000_000


def test_no_two_requests_have_the_same_names() -> None:
    assert len({new_idempotency_key() for _ in range(1000)}) == 1000
    assert len({new_traceparent() for _ in range(1000)}) == 1000


def test_the_field_is_a_structured_string() -> None:
    # The field of draft-ietf-httpapi-idempotency-key-header-07 §2.1.
    assert idempotency_field("8e03978e-40d5-43dd-bc93-6894a57f9324") == '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


@pytest.mark.parametrize(
    "key", ["", "x", "8E03978E-40D5-43DD-BC93-6894A57F9324", "8e03978e40d543ddbc936894a57f9324", 'a"b']
)
def test_what_is_no_uuid_in_its_usual_form_goes_into_no_field(key: str) -> None:
    with pytest.raises(ValueError):
        idempotency_field(key)


def test_the_trace_of_the_w3c_example_is_read() -> None:
    # Trace Context §3.2.2.
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace_id_of(f"00-{trace}-00f067aa0ba902b7-01") == trace
    assert len(trace_id_of(new_traceparent())) == 32


@pytest.mark.parametrize(
    "field",
    [
        "",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
    ],
)
def test_what_is_no_traceparent_has_no_trace(field: str) -> None:
    with pytest.raises(ValueError, match="no traceparent"):
        trace_id_of(field)


@given(st.text())
def test_any_text_is_a_trace_or_a_value_error(field: str) -> None:
    with pytest.raises(ValueError, match="no traceparent"):
        trace_id_of(field)
