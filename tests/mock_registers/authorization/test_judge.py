"""The clerk at a register's gate: each reason for which a token is not taken."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from auth.purposes import PURPOSES
from auth.wire.dpop import token_hash
from auth.wire.jwt import sign_jwt
from auth.wire.profile import REFUSALS
from auth.wire.signatures import HttpRequest
from mock_registers.authorization import AuthorizationService, ClerkLogin, TokenJudge
from mock_registers.authorization.judge import SENSITIVE
from mock_registers.authorization.tokens import ACCESS_SECONDS
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

URL = "https://127.0.0.1:4443/population/v1/persons:lookup"
RESIDENCE = "permanent-residence"
STRONG = {"acr_values": "urn:motcua:acr:two-factor"}


@pytest.fixture
def judge(server: AuthorizationService, desk: Any) -> TokenJudge:
    return TokenJudge(server, lambda: desk.now)


class Asking:
    """One desk before the gate, with a token and all that can be wrong with it."""

    def __init__(self, judge: TokenJudge, desk: Any) -> None:
        self.judge = judge
        self.desk = desk
        self.nonce = ""

    def request(self, token: str, *, scheme: str = "DPoP", url: str = URL, **claims: Any) -> HttpRequest:
        said = {"nonce": self.nonce, "ath": token_hash(token), "htu": url, "jti": secrets.token_urlsafe(12), **claims}
        return HttpRequest(
            "POST", URL, {"authorization": f"{scheme} {token}", "dpop": self.desk.proof(url, **said)}, b""
        )

    def ask(self, request: HttpRequest, register: str = "population", purpose: str = RESIDENCE) -> str:
        return self.judge.judge(request, self.desk.enrolled(), register, purpose)

    def refused(self, request: HttpRequest, *arguments: str) -> tuple[int, str]:
        with pytest.raises(Refusal) as caught:
            self.ask(request, *arguments)
        assert caught.value.name in REFUSALS
        self.nonce = caught.value.headers.get("dpop-nonce", self.nonce)
        return caught.value.status, caught.value.name


@pytest.fixture
def asking(judge: TokenJudge, desk: Any) -> Asking:
    asking = Asking(judge, desk)
    # The first request of all is refused for want of a nonce (RFC 9449 §9).
    token = sign_jwt({"typ": "at+jwt", "kid": judge._service.keyring.current.key_id}, _claims(desk), _current(judge))
    assert asking.refused(asking.request(token, nonce=None)) == (401, "use-dpop-nonce")
    assert asking.nonce
    return asking


def _current(judge: TokenJudge) -> SandboxKey:
    return judge._service.keyring.current


def _claims(desk: Any, **changes: Any) -> dict[str, Any]:
    now = int(desk.now)
    claims = {
        "iss": "https://127.0.0.1:4443/authorization",
        "sub": "canbo.mau",
        "aud": ["urn:motcua:register:population"],
        "client_id": "desk-1",
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "sid": "nothing",
        "acr": "urn:motcua:acr:password",
        "auth_time": now,
        "cnf": {"jkt": desk.key_id},
        "authorization_details": [],
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def test_the_clerk_of_a_good_token_is_named(asking: Asking, clerk: ClerkLogin) -> None:
    token = asking.desk.signed_in(clerk)["access_token"]
    assert asking.ask(asking.request(token)) == "canbo.mau"


def test_a_request_without_a_token_is_refused(asking: Asking, clerk: ClerkLogin) -> None:
    token = asking.desk.signed_in(clerk)["access_token"]
    assert asking.refused(HttpRequest("POST", URL, {}, b"")) == (401, "clerk-not-signed-in")
    assert asking.refused(asking.request(token, scheme="Bearer")) == (401, "clerk-not-signed-in")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://127.0.0.1:4443/another"},
        {"client_id": "desk-2"},
        {"cnf": None},
        {"cnf": {"jkt": "another"}},
        {"cnf": "jkt"},
        {"exp": None},
        {"iat": None},
        {"iat": True},
        {"exp": 1_800_000_000 + 601},
        {"iat": 1_800_000_011, "exp": 1_800_000_300},
    ],
)
def test_a_token_with_another_claim_than_it_must_have_is_refused(asking: Asking, changes: dict[str, Any]) -> None:
    key = _current(asking.judge)
    token = sign_jwt({"typ": "at+jwt", "kid": key.key_id}, _claims(asking.desk, **changes), key)
    assert asking.refused(asking.request(token)) == (401, "token-invalid")


def test_a_token_of_another_kind_or_by_another_key_is_refused(asking: Asking, clerk: ClerkLogin) -> None:
    said = asking.desk.signed_in(clerk)
    assert asking.refused(asking.request(said["id_token"])) == (401, "token-invalid")
    assert asking.refused(asking.request("no.token.atall")) == (401, "token-invalid")
    stranger = SandboxKey(key_id=_current(asking.judge).key_id)
    token = sign_jwt({"typ": "at+jwt", "kid": stranger.key_id}, _claims(asking.desk), stranger)
    assert asking.refused(asking.request(token)) == (401, "token-invalid")


def test_a_token_is_taken_until_its_end_and_no_second_longer(asking: Asking, clerk: ClerkLogin) -> None:
    token = asking.desk.signed_in(clerk)["access_token"]
    asking.desk.now += ACCESS_SECONDS - 1
    assert asking.ask(asking.request(token)) == "canbo.mau"
    asking.desk.now += 1
    assert asking.refused(asking.request(token)) == (401, "token-expired")


def test_a_token_of_a_sign_in_that_was_ended_is_refused_at_once(asking: Asking, clerk: ClerkLogin) -> None:
    said = asking.desk.signed_in(clerk)
    asking.desk.send("revoke", {"token": said["refresh_token"]})
    assert asking.refused(asking.request(said["access_token"])) == (401, "token-expired")


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "GET"},
        {"htu": URL.replace("population", "land")},
        {"iat": 1_799_999_939},
        {"iat": 1_800_000_011},
        {"ath": None},
        {"ath": token_hash("another")},
    ],
)
def test_a_proof_for_something_else_is_refused(asking: Asking, clerk: ClerkLogin, claims: dict[str, Any]) -> None:
    """A3: htm, htu and ath are those of this request and this token."""
    token = asking.desk.signed_in(clerk)["access_token"]
    assert asking.refused(asking.request(token, **claims)) == (401, "proof-invalid")


def test_a_proof_counts_once(asking: Asking, clerk: ClerkLogin) -> None:
    """A3: a proof that was shown before."""
    request = asking.request(asking.desk.signed_in(clerk)["access_token"])
    assert asking.ask(request) == "canbo.mau"
    assert asking.refused(request) == (401, "proof-invalid")


def test_a_nonce_counts_for_five_minutes_and_the_refusal_brings_the_next(asking: Asking, clerk: ClerkLogin) -> None:
    """A3: the register's nonce is rotated."""
    token = asking.desk.signed_in(clerk)["access_token"]
    asking.desk.now += 299
    assert asking.ask(asking.request(token)) == "canbo.mau"
    asking.desk.later(2)
    token = asking.desk.signed_in(clerk)["access_token"]
    assert asking.refused(asking.request(token)) == (401, "use-dpop-nonce")
    assert asking.ask(asking.request(token)) == "canbo.mau"


def test_a_stolen_token_is_of_no_use_to_another_device(asking: Asking, other_desk: Any, clerk: ClerkLogin) -> None:
    token = asking.desk.signed_in(clerk)["access_token"]
    request = asking.request(token)
    with pytest.raises(Refusal, match="token-invalid"):
        asking.judge.judge(request, other_desk.enrolled(), "population", RESIDENCE)
    asking.desk, thief = other_desk, asking.desk
    forged = asking.request(token)
    asking.desk = thief
    assert asking.refused(forged) == (401, "proof-invalid")


def test_a_token_for_another_register_is_refused(asking: Asking, clerk: ClerkLogin) -> None:
    said = asking.desk.signed_in(clerk)
    details = json.dumps(said["authorization_details"][:1])
    narrow = asking.desk.refresh(said["refresh_token"], authorization_details=details).body["access_token"]
    assert asking.refused(asking.request(narrow), "land") == (401, "use-dpop-nonce"), "each register knows its own"
    assert asking.refused(asking.request(narrow), "land") == (401, "token-invalid")


def test_a_token_for_another_purpose_is_refused(asking: Asking, clerk: ClerkLogin) -> None:
    token = asking.desk.signed_in(clerk)["access_token"]
    assert asking.refused(asking.request(token), "population", "citizen-information") == (403, "clerk-not-allowed")
    # Its details name land for this purpose only, whatever its audience says of the token as a whole.
    assert asking.refused(asking.request(token), "land", RESIDENCE) == (401, "use-dpop-nonce")
    assert asking.refused(asking.request(token), "land", RESIDENCE) == (403, "clerk-not-allowed")


def test_a_clerk_who_lost_the_role_is_refused_before_the_token_ends(
    asking: Asking, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    """A9: the role was removed between the request's making and its sending."""
    token = asking.desk.signed_in(clerk)["access_token"]
    server.clerks.change("canbo.mau", roles=["land"])
    assert asking.refused(asking.request(token)) == (403, "clerk-not-allowed")
    server.clerks.change("canbo.mau", roles=["residence"], active=False)
    assert asking.refused(asking.request(token)) == (403, "clerk-not-allowed")


def test_the_registers_and_the_desk_hold_the_same_purposes_to_be_sensitive() -> None:
    of_desk = {purpose.id: purpose.step_up.max_age_s for purpose in PURPOSES if purpose.step_up}
    assert of_desk == SENSITIVE
    assert {purpose.step_up.acr for purpose in PURPOSES if purpose.step_up} == {STRONG["acr_values"]}


def test_a_sensitive_purpose_wants_a_one_time_code_and_a_new_sign_in(asking: Asking, clerk: ClerkLogin) -> None:
    desk, purpose = asking.desk, "own-data"
    detail = {**desk.parameters()["authorization_details"][0], "purpose": purpose}
    weak = desk.signed_in(clerk, authorization_details=[detail])["access_token"]
    assert asking.refused(asking.request(weak), "population", purpose) == (401, "step-up-needed")
    page = desk.page(desk.push(authorization_details=[detail], **STRONG))
    back = desk.type(page, clerk, otp=clerk.one_time_code(desk.now))
    code = back.headers["location"].partition("code=")[2].partition("&")[0]
    said = desk.redeem(code).body
    assert asking.ask(asking.request(said["access_token"]), "population", purpose) == "canbo.mau"
    desk.later(901)
    late = desk.refresh(said["refresh_token"]).body["access_token"]
    asking.refused(asking.request(late), "population", purpose)
    assert asking.refused(asking.request(late), "population", purpose) == (401, "step-up-needed")
