"""What is given for a code, a refresh token or a device code, and everything for which nothing is given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet

from mock_registers.authorization import AuthorizationService, ClerkLogin

ISSUER = "https://127.0.0.1:4443/authorization"
STRONG = {"acr_values": "urn:motcua:acr:two-factor"}


def _error(said: Any) -> str:
    assert said.status >= 400, said.body
    return str(said.body["error"])


def _read(server: AuthorizationService, token: str) -> Any:
    """Verify a token with joserfc and the published keys, as a stranger would."""
    keys = KeySet.import_key_set(json.loads(json.dumps(server.keyring.document())))
    return jwt.decode(token, keys, algorithms=["ES256"])


def _access(said: Any, server: AuthorizationService) -> dict[str, Any]:
    return dict(_read(server, said["access_token"]).claims)


def test_a_code_brings_tokens_that_say_all_that_the_profile_wants(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    said = desk.signed_in(clerk)
    assert (said["token_type"], said["expires_in"]) == ("DPoP", 300)
    token = _read(server, said["access_token"])
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert claims["iss"] == ISSUER
    assert claims["sub"] == "canbo.mau"
    assert claims["aud"] == ["urn:motcua:register:land", "urn:motcua:register:population"]
    assert claims["client_id"] == "desk-1"
    assert claims["cnf"] == {"jkt": desk.key_id}
    assert claims["exp"] - claims["iat"] == 300
    assert (claims["acr"], claims["auth_time"]) == ("urn:motcua:acr:password", int(desk.now))
    assert [detail["purpose"] for detail in claims["authorization_details"]] == [
        "permanent-residence",
        "land-change-registration",
    ]
    assert len(claims["jti"]) >= 16


def test_the_identity_token_is_for_the_desk_and_its_request(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    claims = _read(server, desk.signed_in(clerk)["id_token"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "desk-1", "n" * 32)
    assert (claims["sub"], claims["name"]) == ("canbo.mau", "Nguyễn Thị Cán Bộ")


def test_only_what_the_clerks_roles_allow_is_granted(desk: Any, logins: dict[str, ClerkLogin]) -> None:
    said = desk.signed_in(logins["canbo.cutru"])
    assert [detail["purpose"] for detail in said["authorization_details"]] == ["permanent-residence"]


def test_a_stronger_sign_in_is_told(desk: Any, clerk: ClerkLogin, server: AuthorizationService) -> None:
    page = desk.page(desk.push(**STRONG))
    back = desk.type(page, clerk, otp=clerk.one_time_code(desk.now))
    code = back.headers["location"].partition("code=")[2].partition("&")[0]
    assert _access(desk.redeem(code).body, server)["acr"] == "urn:motcua:acr:two-factor"


def test_a_code_shown_twice_ends_everything_that_came_of_it(desk: Any, clerk: ClerkLogin) -> None:
    code = desk.code(clerk)
    said = desk.redeem(code).body
    assert _error(desk.redeem(code)) == "invalid_grant"
    assert _error(desk.refresh(said["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": "v" * 42},
        {"redirect_uri": "http://127.0.0.1:50124/cb"},
        {"redirect_uri": None},
    ],
)
def test_a_code_without_what_belongs_to_it_brings_nothing(
    desk: Any, clerk: ClerkLogin, changes: dict[str, str | None]
) -> None:
    assert _error(desk.redeem(desk.code(clerk), **changes)) == "invalid_grant"


def test_a_code_of_another_desk_or_of_a_minute_ago_brings_nothing(
    desk: Any, other_desk: Any, clerk: ClerkLogin
) -> None:
    assert _error(other_desk.redeem(desk.code(clerk))) == "invalid_grant"
    code = desk.code(clerk)
    desk.now += 60
    assert _error(desk.redeem(code)) == "invalid_grant"
    assert _error(desk.redeem("another")) == "invalid_grant"


def test_a_refresh_token_is_exchanged_for_another(desk: Any, clerk: ClerkLogin, server: AuthorizationService) -> None:
    first = desk.signed_in(clerk)
    desk.now += 299
    second = desk.refresh(first["refresh_token"]).body
    assert second["refresh_token"] != first["refresh_token"]
    assert "id_token" not in second
    assert _access(second, server)["auth_time"] == int(desk.now) - 299
    assert desk.refresh(second["refresh_token"]).status == 200


def test_a_refresh_token_shown_twice_ends_the_whole_family(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    """A1: reuse is detected, and nothing that came of the sign-in counts any more."""
    first = desk.signed_in(clerk)
    second = desk.refresh(first["refresh_token"]).body
    assert _error(desk.refresh(first["refresh_token"])) == "invalid_grant"
    assert _error(desk.refresh(second["refresh_token"])) == "invalid_grant"
    family = server.store.family(_access(second, server)["sid"])
    assert family is not None
    assert family.ended


def test_a_refresh_token_is_of_no_use_to_another_desk_nor_against_the_first(
    desk: Any, other_desk: Any, clerk: ClerkLogin
) -> None:
    token = desk.signed_in(clerk)["refresh_token"]
    assert _error(other_desk.refresh(token)) == "invalid_grant"
    assert desk.refresh(token).status == 200


def test_a_device_with_a_new_key_needs_a_new_sign_in(desk: Any, devices: Any, clerk: ClerkLogin) -> None:
    token = desk.signed_in(clerk)["refresh_token"]
    desk.key = type(desk.key).generate_key("P-256")
    devices.known[desk.key_id] = desk.enrolled()
    assert _error(desk.refresh(token)) == "invalid_grant"


def test_a_sign_in_ends_after_eight_hours(desk: Any, clerk: ClerkLogin) -> None:
    said = desk.signed_in(clerk)
    assert said["refresh_expires_in"] == 8 * 3600
    desk.later(8 * 3600)
    assert _error(desk.refresh(said["refresh_token"])) == "invalid_grant"


def test_a_clerk_who_was_suspended_gets_nothing_more(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    token = desk.signed_in(clerk)["refresh_token"]
    server.clerks.change("canbo.mau", active=False)
    assert _error(desk.refresh(token)) == "invalid_grant"
    server.clerks.change("canbo.mau", active=True)
    assert desk.refresh(token).status == 200


def test_a_token_can_be_narrowed_to_one_purpose(desk: Any, clerk: ClerkLogin, server: AuthorizationService) -> None:
    said = desk.signed_in(clerk)
    wanted = said["authorization_details"][:1]
    narrow = desk.refresh(said["refresh_token"], authorization_details=json.dumps(wanted)).body
    claims = _access(narrow, server)
    assert claims["authorization_details"] == wanted
    assert claims["aud"] == ["urn:motcua:register:population"]
    wide = desk.refresh(narrow["refresh_token"]).body
    assert len(_access(wide, server)["authorization_details"]) == 2


@pytest.mark.parametrize(
    "details",
    [
        '[{"type":"urn:motcua:lookup","purpose":"citizen-information","locations":["urn:motcua:register:population"]}]',
        '[{"type":"urn:motcua:lookup","purpose":"permanent-residence","locations":["urn:motcua:register:land"]}]',
        "[]",
        "[7]",
        "nothing",
    ],
)
def test_a_token_cannot_be_widened_and_the_attempt_costs_nothing(desk: Any, clerk: ClerkLogin, details: str) -> None:
    token = desk.signed_in(clerk)["refresh_token"]
    assert _error(desk.refresh(token, authorization_details=details)) == "invalid_authorization_details"
    assert desk.refresh(token).status == 200


def test_a_role_that_was_taken_away_takes_its_purpose_with_it(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    """A9: the clerk's role was removed between two requests."""
    said = desk.signed_in(clerk)
    server.clerks.change("canbo.mau", roles=["residence"])
    land = json.dumps(said["authorization_details"][1:])
    assert _error(desk.refresh(said["refresh_token"], authorization_details=land)) == "access_denied"
    left = desk.refresh(said["refresh_token"]).body
    assert [detail["purpose"] for detail in left["authorization_details"]] == ["permanent-residence"]


def test_a_revoked_sign_in_brings_nothing_more(desk: Any, clerk: ClerkLogin) -> None:
    said = desk.signed_in(clerk)
    assert desk.send("revoke", {"token": said["refresh_token"]}, proof="").status == 200
    assert _error(desk.refresh(said["refresh_token"])) == "invalid_grant"


def test_a_desk_cannot_revoke_anothers_and_learns_nothing(desk: Any, other_desk: Any, clerk: ClerkLogin) -> None:
    said = desk.signed_in(clerk)
    answers = [other_desk.send("revoke", {"token": token}) for token in (said["refresh_token"], "nothing")]
    assert [(answer.status, dict(answer.body)) for answer in answers] == [(200, {}), (200, {})]
    assert desk.refresh(said["refresh_token"]).status == 200


@pytest.mark.parametrize("grant", [None, "password", "client_credentials", "implicit"])
def test_there_is_no_other_grant(desk: Any, grant: str | None) -> None:
    assert _error(desk.send("token", {"grant_type": grant})) == "unsupported_grant_type"


def test_keys_rotate_with_an_overlap(desk: Any, clerk: ClerkLogin, server: AuthorizationService) -> None:
    token = desk.signed_in(clerk)["access_token"]
    known = {key["kid"] for key in server.keyring.document()["keys"]}
    server.keyring.rotate()
    assert _read(server, token).claims["sub"] == "canbo.mau"
    fresh = desk.signed_in(clerk)["access_token"]
    assert _read(server, fresh).header["kid"] in known
    server.keyring.rotate()
    with pytest.raises((InvalidKeyIdError, ValueError)):
        _read(server, token)
    assert _read(server, fresh).claims["sub"] == "canbo.mau"


def test_a_token_with_another_letter_in_it_does_not_verify(
    desk: Any, clerk: ClerkLogin, server: AuthorizationService
) -> None:
    token = desk.signed_in(clerk)["access_token"]
    with pytest.raises(BadSignatureError):
        _read(server, token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:])


def _codes(desk: Any) -> dict[str, Any]:
    fields = {"scope": "openid", "nonce": "n" * 32}
    details = json.dumps(desk.parameters()["authorization_details"])
    said = desk.send("device-authorization", {**fields, "authorization_details": details})
    assert said.status == 200, said.body
    return dict(said.body)


def _poll(desk: Any, codes: dict[str, Any]) -> Any:
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    return desk.send("token", {"grant_type": grant, "device_code": codes["device_code"]})


def test_a_kiosk_waits_until_its_code_was_typed_elsewhere(desk: Any, clerk: ClerkLogin) -> None:
    codes = _codes(desk)
    assert _error(_poll(desk, codes)) == "authorization_pending"
    page = desk.device_page(user_code=codes["user_code"].lower().replace("-", " "))
    assert codes["user_code"] in page.body.decode()
    assert desk.type(page, clerk).status_code == 200
    desk.now += 5
    assert _poll(desk, codes).body["token_type"] == "DPoP"
    assert _error(_poll(desk, codes)) == "invalid_grant"


def test_a_kiosk_that_asks_too_often_must_slow_down_more_each_time(desk: Any) -> None:
    codes = _codes(desk)
    assert _error(_poll(desk, codes)) == "authorization_pending"
    for interval in (5, 10, 15):
        desk.now += interval - 1
        assert _error(_poll(desk, codes)) == "slow_down"
    desk.now += 20
    assert _error(_poll(desk, codes)) == "authorization_pending"


def test_a_kiosk_hears_of_a_refusal_and_of_the_end_of_its_time(desk: Any, clerk: ClerkLogin) -> None:
    denied, late = _codes(desk), _codes(desk)
    desk.type(desk.device_page(user_code=denied["user_code"]), clerk, act="cancel")
    assert _error(_poll(desk, denied)) == "access_denied"
    desk.later(600)
    assert _error(_poll(desk, late)) == "expired_token"
    assert desk.device_page(user_code=late["user_code"]).status_code == 403


def test_a_kiosks_code_is_of_no_use_to_another(desk: Any, other_desk: Any, clerk: ClerkLogin) -> None:
    codes = _codes(desk)
    desk.type(desk.device_page(user_code=codes["user_code"]), clerk)
    assert _error(_poll(other_desk, codes)) == "invalid_grant"
    assert _poll(desk, codes).status == 200


def test_user_codes_cannot_be_guessed_at_leisure(desk: Any) -> None:
    codes = _codes(desk)
    for _ in range(5):
        assert desk.device_page(user_code="BBBB-BBBB").status_code == 403
    assert desk.device_page(user_code=codes["user_code"]).status_code == 429


def test_a_kiosks_form_counts_only_in_the_browser_that_was_given_it(desk: Any, clerk: ClerkLogin) -> None:
    codes = _codes(desk)
    page = desk.device_page(user_code=codes["user_code"])
    desk.cookie = ""
    assert desk.type(page, clerk).status_code == 400
    assert desk.type(page, clerk, user_code=codes["user_code"]).status_code == 400
    assert _error(_poll(desk, codes)) == "authorization_pending"


@pytest.mark.parametrize(
    "changes", [{"nonce": None}, {"scope": "all"}, {"authorization_details": "[]"}, {"state": "x"}]
)
def test_a_kiosks_request_is_judged_like_any_other(desk: Any, changes: dict[str, str | None]) -> None:
    details = json.dumps(desk.parameters()["authorization_details"])
    fields = {"scope": "openid", "nonce": "n" * 32, "authorization_details": details, **changes}
    assert _error(desk.send("device-authorization", fields)).startswith("invalid_")


def test_what_has_expired_is_forgotten(desk: Any, clerk: ClerkLogin, server: AuthorizationService) -> None:
    said = desk.signed_in(clerk)
    secret = desk.push()
    desk.later(33 * 3600)
    desk.push()
    assert server.store.pushed(secret, desk.now - 33 * 3600) is None
    assert server.store.family_of_refresh(said["refresh_token"]) is None
