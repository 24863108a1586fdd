"""Which device asks, for what, and every way of asking that is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey

from mock_registers.authorization import AuthorizationService
from mock_registers.enrolment import EnrolledDevices
from mock_registers.storage import Storage

ISSUER = "https://127.0.0.1:4443/authorization"
PAR = f"{ISSUER}/par"
DETAIL = {"type": "urn:motcua:lookup", "purpose": "p", "locations": ["urn:motcua:register:land"]}


def _error(said: Any) -> tuple[int, str]:
    return said.status, str(said.body["error"])


def _pushed(desk: Any, **more: Any) -> Any:
    return desk.send("par", {"request": desk.request_object(desk.parameters())}, **more)


def test_a_device_with_its_assertion_and_its_proof_may_push_a_request(desk: Any) -> None:
    said = _pushed(desk)
    assert (said.status, said.body["expires_in"]) == (201, 600)
    assert said.body["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")


def test_a_request_may_also_be_pushed_unsigned(desk: Any) -> None:
    parameters = {**desk.parameters(max_age="900"), "authorization_details": json.dumps([DETAIL])}
    assert desk.send("par", parameters).status == 201


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({"typ": None}, {}),
        ({"kid": "nobody"}, {}),
        ({"kid": None}, {}),
        ({"jwk": {}}, {}),
        ({}, {"iss": "desk-2"}),
        ({}, {"sub": "desk-2"}),
        ({}, {"aud": PAR}),
        ({}, {"aud": [ISSUER]}),
        ({}, {"aud": None}),
        ({}, {"iat": None}),
        ({}, {"iat": True}),
        ({}, {"iat": 10**400, "exp": 10**400 + 1}),
        ({}, {"iat": 1_800_000_011}),
        ({}, {"iat": 1_799_999_939}),
        ({}, {"exp": None}),
        ({}, {"exp": 1_800_000_000}),
        ({}, {"exp": 1_800_000_121}),
        ({}, {"jti": None}),
        ({}, {"jti": "short"}),
    ],
)
def test_an_assertion_that_is_not_as_it_must_be_is_refused(
    desk: Any, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    assert _error(_pushed(desk, assertion=desk.assertion(header, **claims))) == (401, "invalid_client")


@pytest.mark.parametrize("key_id", ["\ud800", "\0", "k" * 5_000])
def test_a_key_id_that_no_database_takes_is_nobodys(desk: Any, storage: Storage, key_id: str) -> None:
    desk.server = AuthorizationService(ISSUER, storage.engine, EnrolledDevices(storage.database))
    assert _error(_pushed(desk, assertion=desk.assertion({"kid": key_id}))) == (401, "invalid_client")


def test_an_assertion_counts_once(desk: Any) -> None:
    assertion = desk.assertion()
    assert _pushed(desk, assertion=assertion).status == 201
    assert _error(_pushed(desk, assertion=assertion)) == (401, "invalid_client")


def test_an_assertion_of_another_kind_or_none_is_refused(desk: Any) -> None:
    assert _error(desk.send("par", {"client_assertion_type": "password"})) == (401, "invalid_client")
    assert _error(desk.send("par", {"client_assertion": None})) == (401, "invalid_client")


def test_an_assertion_by_another_key_under_the_devices_key_id_is_refused(desk: Any) -> None:
    theirs = desk.assertion()
    desk_key, desk.key = desk.key, ECKey.generate_key("P-256")
    forged = desk.assertion({"kid": desk_key.thumbprint()})
    desk.key = desk_key
    assert theirs != forged
    assert _error(_pushed(desk, assertion=forged)) == (401, "invalid_client")


def test_a_device_that_was_suspended_gets_nothing_more(desk: Any, devices: Any) -> None:
    assert _pushed(desk).status == 201
    devices.suspended.add(desk.key_id)
    assert _error(_pushed(desk)) == (401, "invalid_client")


def test_a_device_cannot_ask_under_anothers_name(desk: Any, other_desk: Any) -> None:
    assert _error(desk.send("par", {"client_id": other_desk.device_id})) == (401, "invalid_client")


def test_the_first_proof_is_refused_with_the_nonce_that_the_next_must_have(desk: Any) -> None:
    """A3: a nonce is required, and given."""
    said = _pushed(desk, proof=desk.proof(PAR, nonce=None))
    assert _error(said) == (400, "use_dpop_nonce")
    desk.nonce = said.nonce
    assert _pushed(desk).status == 201


def test_a_nonce_is_rotated_and_the_old_one_counts_for_five_minutes(desk: Any) -> None:
    """A3: a nonce is rotated."""
    first = _pushed(desk).nonce
    desk.now += 300
    said = _pushed(desk)
    assert said.status == 201
    assert said.nonce != first
    desk.now += 1
    assert _error(_pushed(desk)) == (400, "use_dpop_nonce")


@pytest.mark.parametrize("nonce", ["x", "A" * 32, "\N{BULLET}" * 32, "!" * 32])
def test_a_nonce_that_we_did_not_give_is_refused(desk: Any, nonce: str) -> None:
    desk.send("par", {})
    assert _error(_pushed(desk, proof=desk.proof(PAR, nonce=nonce))) == (400, "use_dpop_nonce")


@pytest.mark.parametrize(
    "claims",
    [{"htm": "GET"}, {"htu": f"{ISSUER}/token"}, {"iat": 1_800_000_011}, {"iat": 1_799_999_939}, {"ath": "x"}],
)
def test_a_proof_for_something_else_is_refused(desk: Any, claims: dict[str, Any]) -> None:
    """A3: htm, htu and the rest must be those of the request."""
    desk.send("par", {})
    assert _error(_pushed(desk, proof=desk.proof(PAR, **claims))) == (400, "invalid_dpop_proof")


def test_a_proof_counts_once(desk: Any) -> None:
    """A3: a proof that was shown before."""
    desk.send("par", {})
    proof = desk.proof(PAR)
    assert _pushed(desk, proof=proof).status == 201
    assert _error(_pushed(desk, proof=proof)) == (400, "invalid_dpop_proof")


def test_a_proof_by_another_enrolled_device_is_refused(desk: Any, other_desk: Any) -> None:
    other_desk.send("par", {})
    assert _error(_pushed(desk, proof=other_desk.proof(PAR))) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "openid email"},
        {"state": None},
        {"state": "short"},
        {"state": "white space in the state"},
        {"nonce": None},
        {"code_challenge": None},
        {"code_challenge": "v" * 42},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"max_age": -1},
        {"max_age": "soon"},
        {"acr_values": "urn:motcua:acr:none"},
        {"prompt": "none"},
        {"redirect_uri": "https://127.0.0.1:50123/cb"},
        {"redirect_uri": "http://127.0.0.1/cb"},
        {"redirect_uri": "http://localhost:50123/cb"},
        {"redirect_uri": "http://127.0.0.1:50123/cb?x=1"},
        {"redirect_uri": "http://127.0.0.1:50123/elsewhere"},
        {"redirect_uri": "http://me@127.0.0.1:50123/cb"},
        {"redirect_uri": "http://192.0.2.1:50123/cb"},
        {"redirect_uri": "http://127.0.0.1:99999/cb"},
    ],
)
def test_a_request_that_is_not_as_it_must_be_is_refused(desk: Any, changes: dict[str, Any]) -> None:
    said = desk.send("par", {"request": desk.request_object(desk.parameters(**changes))})
    assert _error(said) == (400, "invalid_request")


@pytest.mark.parametrize(
    "details",
    [
        None,
        [],
        "[",
        "{}",
        [DETAIL] * 21,
        [{**DETAIL, "type": "other"}],
        [{**DETAIL, "purpose": "UPPER case"}],
        [{**DETAIL, "locations": ["https://elsewhere"]}],
        [{**DETAIL, "actions": ["everything"]}],
        [7],
    ],
)
def test_authorization_details_of_another_make_are_refused(desk: Any, details: object) -> None:
    said = desk.send("par", {"request": desk.request_object(desk.parameters(authorization_details=details))})
    assert _error(said) == (400, "invalid_authorization_details")


def test_a_signed_request_must_be_the_devices_own_and_alone(desk: Any, other_desk: Any) -> None:
    theirs = other_desk.request_object(other_desk.parameters())
    assert _error(desk.send("par", {"request": theirs})) == (400, "invalid_request_object")
    as_other = desk.request_object(desk.parameters(), client_id="desk-2")
    assert _error(desk.send("par", {"request": as_other})) == (400, "invalid_request_object")
    assertion = desk.assertion()
    assert _error(desk.send("par", {"request": assertion})) == (400, "invalid_request_object")
    beside = {"request": desk.request_object(desk.parameters()), "scope": "openid"}
    assert _error(desk.send("par", beside)) == (400, "invalid_request")


def test_a_field_twice_or_no_form_is_refused(desk: Any, server: AuthorizationService) -> None:
    for body in (b"a=1&a=2", b"\xff", b"no form", b"&".join(b"f%d=1" % number for number in range(41))):
        desk.send("par", {})
        said = server.push(body, {"dpop": desk.proof(PAR)}, desk.now)
        assert said.body["error"] == "invalid_request"


def test_everything_that_is_said_is_bounded(desk: Any, server: AuthorizationService) -> None:
    desk.send("par", {})
    long = urlencode({"client_assertion": "a" * 20_000}).encode()
    assert server.push(long, {"dpop": desk.proof(PAR)}, desk.now).body["error"] == "invalid_client"
    assert server.push(long, {"dpop": "a" * 20_000}, desk.now).body["error"] == "invalid_dpop_proof"
