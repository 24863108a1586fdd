"""Tokens name everybody by ids: what is none is refused by a code, when it comes and not when a token is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from auth.presence import Caller, PresenceRefused, Reason
from auth.presence.claims import MAX_COUNTER, Clerk, Name
from auth.presence.verifier import _protocol_of
from reader.genuine import ChipKey, choose_chip_key
from reader.lds import parse_dg14

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

GOOD = {"device": "desk-1", "device_key": "A" * 43, "clerk": "clerk-1", "purpose": "citizen-information"}
NAME, CLERK = TypeAdapter(Name), TypeAdapter(Clerk)


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("value", ["", "Nguyễn Văn Mẫu", "a b", "clerk-1\n", "x" * 129])
def test_a_caller_is_named_by_ids_and_what_is_none_is_not_repeated(field: str, value: str) -> None:
    with pytest.raises(PresenceRefused) as refused:
        Caller(**GOOD | {field: value})
    assert refused.value.reason is Reason.MALFORMED
    assert (str(refused.value), refused.value.__cause__, refused.value.__context__) == ("malformed", None, None)


@pytest.mark.parametrize(("field", "taken"), [("clerk", CLERK), ("purpose", NAME)])
@given(text=st.text(max_size=6) | st.from_regex(r"[ -~]{1,130}\n?", fullmatch=True))
def test_a_caller_takes_exactly_the_names_that_a_token_takes(field: str, taken: TypeAdapter[str], text: str) -> None:
    try:
        taken.validate_python(text)
    except ValidationError:
        with pytest.raises(PresenceRefused):
            Caller(**GOOD | {field: text})
    else:
        assert getattr(Caller(**GOOD | {field: text}), field) == text


@pytest.mark.parametrize(
    "clerk",
    ["cb-001", "canbo@xa.example", "auth0|5f7c8ec7c33c6c004bbafe82", "WHknsOFT/+jIY=", "uid=nva,ou=people,dc=gov"],
)
def test_what_sign_in_servers_call_a_clerk_is_an_id(clerk: str) -> None:
    assert Caller(**GOOD | {"clerk": clerk}).clerk == clerk


def test_of_a_register_or_a_counter_without_a_name_there_is_no_receipt(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2021")
    proof = desk.prove(register)
    judge = register.verifier.judge
    for tried, audience in (
        (proof, "Sổ hộ khẩu"),
        (proof, ""),
        (replace(proof, counter=-1), "land"),
        (replace(proof, counter=MAX_COUNTER + 1), "land"),
    ):
        with pytest.raises(PresenceRefused) as refused:
            judge(tried, b"{}", audience, desk.caller)
        assert refused.value.reason is Reason.MALFORMED
    assert desk.judged(register, proof, "land").accepted, "nothing of it was used up"


@pytest.mark.parametrize(("number", "named"), [(None, True), (1 << 32, True), ((1 << 32) + 1, False)])
def test_a_key_that_a_token_cannot_number_gets_no_challenge(
    desk_with: Callable[..., Desk], number: int | None, named: bool
) -> None:
    chip = choose_chip_key(parse_dg14(desk_with("vietnam-2021").files.dg14))
    assert isinstance(chip, ChipKey)
    numbered = replace(chip, key_id=number)
    if named:
        assert (_protocol_of(numbered).oid, _protocol_of(numbered).key_id) == (chip.oid, number)
    else:
        with pytest.raises(PresenceRefused) as refused:
            _protocol_of(numbered)
        assert refused.value.reason is Reason.KEY_REFUSED
