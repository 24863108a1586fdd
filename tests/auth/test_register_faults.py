"""Whatever a register does wrong ends in the error that says so, and nothing of its answer is used."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import Thread

import pytest

from auth.errors import (
    AnswerForAnother,
    AnswerNotTrusted,
    RegisterError,
    RegisterRefused,
    RegisterTimeout,
    RegisterUnreachable,
    RegisterWorking,
    RequestRejected,
)
from auth.registers import Lookup
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from mock_cards.personas import load_persona
from mock_registers import Fault, RegisterSandbox, open_register_sandbox

EndsBy = Callable[[float], AbstractContextManager[None]]

EXPECTED: dict[Fault, tuple[type[RegisterError], str]] = {
    Fault.HANGS: (RegisterTimeout, "deadline"),
    Fault.SLOW: (RegisterTimeout, "deadline"),
    Fault.SLOW_DRIP: (RegisterTimeout, "deadline"),
    Fault.UNSIGNED_ANSWER: (AnswerNotTrusted, "unsigned"),
    Fault.UNSIGNED_REFUSAL: (RegisterUnreachable, "http-403"),
    Fault.FOREIGN_KEY: (AnswerNotTrusted, "signature-wrong"),
    Fault.EXPIRED_KEY: (AnswerNotTrusted, "unknown-key"),
    Fault.OUT_OF_TIME: (AnswerNotTrusted, "signature-out-of-time"),
    Fault.UNBOUND: (AnswerNotTrusted, "unbound"),
    Fault.UNCOVERED_FIELD: (AnswerNotTrusted, "uncovered-header"),
    Fault.ANOTHER_CITIZEN: (AnswerForAnother, "another-personal-number"),
    Fault.REPLAYED_ANSWER: (AnswerNotTrusted, "signature-wrong"),
    Fault.UNSEALED_ANSWER: (AnswerNotTrusted, "answer-not-sealed"),
    Fault.SEALED_TO_ANOTHER: (AnswerNotTrusted, "answer-unknown-seal-key"),
    Fault.SEALED_WRONGLY: (AnswerNotTrusted, "answer-seal-broken"),
    Fault.SEAL_KEY_GONE: (RequestRejected, "unknown-seal-key"),
    Fault.GARBAGE: (AnswerNotTrusted, "answer-malformed"),
    Fault.HALF_RECORD: (AnswerNotTrusted, "answer-malformed"),
    Fault.HALF_ANSWER: (RegisterUnreachable, "connection-broken"),
    Fault.LOST_ANSWER: (RegisterUnreachable, "connection-broken"),
    Fault.HTTP_500: (RegisterUnreachable, "http-500"),
    Fault.HTTP_503: (RegisterUnreachable, "http-503"),
    Fault.HTTP_429: (RegisterUnreachable, "http-429"),
    Fault.MAINTENANCE: (RegisterUnreachable, "maintenance"),
    Fault.TOO_MANY_REQUESTS: (RegisterRefused, "too-many-requests"),
    Fault.REDIRECT: (AnswerNotTrusted, "redirect"),
    Fault.GZIP: (AnswerNotTrusted, "content-encoding"),
    Fault.DROP_CONNECTION: (RegisterUnreachable, "connection-broken"),
    Fault.NEVER_READY: (RegisterWorking, "still-working"),
    Fault.PROMISED_ELSEWHERE: (AnswerNotTrusted, "location-foreign"),
    Fault.PROMISES_MIXED_UP: (AnswerNotTrusted, "answers-another-request"),
}
# How long each of them says to wait, between these seconds.
WAITS = {
    Fault.HTTP_503: (120.0, 120.0),
    Fault.HTTP_429: (80.0, 90.0),
    Fault.MAINTENANCE: (600.0, 600.0),
    Fault.TOO_MANY_REQUESTS: (30.0, 30.0),
    Fault.NEVER_READY: (2.0, 2.0),
}


def _ask(sandbox: RegisterSandbox, register: str, lookup: Lookup, deadline_s: float = 5.0) -> object:
    endpoint = sandbox.endpoint(register)
    if register == "population":
        population = PopulationClient(endpoint, sandbox.device, deadline_s=deadline_s)
        try:
            return population.find_citizen(lookup)
        finally:
            population.close()
    if register == "housing":
        housing = HousingClient(endpoint, sandbox.device, deadline_s=deadline_s)
        try:
            return housing.find_dwellings(lookup)
        finally:
            housing.close()
    land = LandClient(endpoint, sandbox.device, deadline_s=deadline_s)
    try:
        return land.find_holdings(lookup)
    finally:
        land.close()


# A register that is at work has said so within the deadline, and wants to be asked again after it.
DEADLINE_S: dict[type[RegisterError], float] = {RegisterTimeout: 0.5, RegisterWorking: 2.0}
# Not refused but cut down: tests/auth/registers/test_minimal_answers.py.
CUT_DOWN = {Fault.MORE_THAN_ASKED, Fault.EXTRA_FIELD}
# Not refused but waited for: tests/mock_registers/test_promises.py.
WAITED_FOR = {Fault.ANSWERS_LATER}


def test_every_fault_is_expected_to_end_somewhere() -> None:
    assert {*EXPECTED, *CUT_DOWN, *WAITED_FOR} == set(Fault)


@pytest.mark.parametrize("register", ["population", "land", "housing"])
@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_ends_in_its_error_and_tells_nothing_of_the_citizen(
    register: str, fault: Fault, lookup: Lookup, caplog: pytest.LogCaptureFixture, ends_by: EndsBy
) -> None:
    error, why = EXPECTED[fault]
    caplog.set_level(logging.DEBUG)
    with open_register_sandbox(fault=fault) as sandbox, ends_by(2.0), pytest.raises(RegisterError) as caught:
        _ask(sandbox, register, lookup, deadline_s=DEADLINE_S.get(error, 30.0))
    assert type(caught.value) is error
    assert (caught.value.register, caught.value.why) == (register, why)
    wait = caught.value.retry_after_s
    if fault in WAITS:
        assert wait is not None
        assert WAITS[fault][0] <= wait <= WAITS[fault][1]
    else:
        assert wait is None
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    for secret in (lookup.personal_number, lookup.full_name, "Mẫu", lookup.old_number or "099123456"):
        assert secret not in told


def test_a_fault_of_one_register_leaves_the_other_alone(lookup: Lookup) -> None:
    with open_register_sandbox(fault="land:http-500") as sandbox:
        assert _ask(sandbox, "population", lookup)
        with pytest.raises(RegisterUnreachable):
            _ask(sandbox, "land", lookup)


def test_the_total_deadline_is_kept_against_a_drip(lookup: Lookup, ends_by: EndsBy) -> None:
    with open_register_sandbox(fault=Fault.SLOW_DRIP) as sandbox:
        started = time.monotonic()
        with ends_by(0.5), pytest.raises(RegisterTimeout):
            _ask(sandbox, "population", lookup, deadline_s=0.5)
        assert time.monotonic() - started >= 0.45


def test_closing_a_client_ends_a_look_up_that_hangs(lookup: Lookup) -> None:
    with open_register_sandbox(fault=Fault.HANGS) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device, deadline_s=30.0)
        ended: list[RegisterError] = []

        def ask() -> None:
            try:
                client.find_citizen(lookup)
            except RegisterError as error:
                ended.append(error)

        asking = Thread(target=ask)
        asking.start()
        # Closing before the request is out or after it: both end it at once.
        client.close()
        asking.join(30.0)
    assert [error.why for error in ended] == ["closed"]


def test_answers_of_the_other_register_are_foreign(sandbox: RegisterSandbox, lookup: Lookup) -> None:
    population, land = sandbox.endpoint("population"), sandbox.endpoint("land")
    mixed = replace(population, answer_keys=land.answer_keys)
    client = PopulationClient(mixed, sandbox.device)
    try:
        with pytest.raises(AnswerNotTrusted, match="unknown-key"):
            client.find_citizen(lookup)
    finally:
        client.close()


def test_an_unknown_device_is_refused_in_a_signed_problem(sandbox: RegisterSandbox, device, lookup: Lookup) -> None:
    client = PopulationClient(sandbox.endpoint("population"), device)
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
    finally:
        client.close()
    assert (caught.value.code, caught.value.why) == ("register-refused", "unknown-device")


def test_another_legal_basis_or_purpose_in_the_answer_is_not_ours(
    raw_register, device, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    for other in ({"lookup_id": "other"}, {"purpose": "other"}, {"legal_basis": "other"}):
        register = raw_register(lambda request, key, other=other: say(request, key, **other))
        client = PopulationClient(register.endpoint, device)
        try:
            with pytest.raises(AnswerNotTrusted, match="answers-another"):
                client.find_citizen(lookup)
        finally:
            client.close()


def _parcel_of(number: str) -> dict[str, object]:
    return {
        "certificate_serial": "AB 12345678",
        "map_sheet": "12",
        "parcel_number": "345",
        "commune": "Xã Mẫu Lâm",
        "address": "Thôn Đông",
        "area_m2": "120.5",
        "land_type": "ONT",
        "land_type_name": "Đất ở",
        "term": "Lâu dài",
        "form_of_use": "Sử dụng riêng",
        "origin": "",
        "holders": [{"full_name": "Nguyễn Văn Mẫu", "number": number}],
        "boundary": [],
        "quality": "verified",
        "commune_before": "",
        "issued": None,
    }


@pytest.mark.parametrize(
    ("held_by", "old_numbers", "why"),
    [
        ("099090000001", [], ""),
        ("099123456", ["099123456"], ""),
        ("099777777", [], ""),  # the old number that the look-up itself named
        ("099123456", [], "parcel-of-another"),
        ("099090000002", ["099123456"], "parcel-of-another"),
        ("", [""], "parcel-of-another"),
    ],
)
def test_a_parcel_must_be_held_under_one_of_the_citizens_numbers(
    raw_register,
    device,
    lookup_of: Callable[..., Lookup],
    say: Callable[..., bytes],
    held_by: str,
    old_numbers: list[str],
    why: str,
) -> None:
    parcels = [_parcel_of("099090000001"), _parcel_of(held_by)]
    record = {"personal_number": "099090000001", "old_numbers": old_numbers, "parcels": parcels}
    register = raw_register(lambda request, key: say(request, key, record=record))
    client = LandClient(replace(register.endpoint, register="land"), device)
    lookup = lookup_of(load_persona("nguyen-van-mau"), old_number="099777777")
    try:
        if why:
            with pytest.raises(AnswerForAnother, match=why):
                client.find_holdings(lookup)
        else:
            holdings = client.find_holdings(lookup).record
            assert holdings is not None
            assert len(holdings.parcels) == 2
    finally:
        client.close()
