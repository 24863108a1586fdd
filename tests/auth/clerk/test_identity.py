"""An identity token whose times are no times, which are reckoned with for as long as the clerk is there."""

from __future__ import annotations

import pytest

from auth.clerk.keys import ServerKeys, read_identity
from auth.device import SoftwareSigner
from auth.errors import SignInFailed
from auth.wire.jwt import public_jwk, sign_jwt

ISSUER, DEVICE, NONCE, NOW = "https://issuer.test", "desk-1", "n" * 32, 1_800_000_000
KEY = SoftwareSigner.generate()
KEYS = ServerKeys.of({"keys": [{**public_jwk(KEY.public_key), "kid": "k1"}]})


def _token(**claims: object) -> str:
    said = {"iss": ISSUER, "aud": DEVICE, "nonce": NONCE, "iat": NOW, "exp": NOW + 60, "auth_time": NOW}
    who = {"sub": "cb-001", "name": "Nguyễn Văn Mẫu", "acr": "urn:motcua:acr:password"}
    return sign_jwt({"typ": "JWT", "kid": "k1"}, {**said, **who, **claims}, KEY)


def test_an_identity_with_times_is_taken() -> None:
    identity = read_identity(_token(), KEYS, ISSUER, DEVICE, NONCE, float(NOW))
    assert (identity.clerk_id, identity.auth_time) == ("cb-001", NOW)


@pytest.mark.parametrize("name", ["iat", "exp", "auth_time"])
@pytest.mark.parametrize("value", [None, True, "1800000000", 1.8e9, -1, -(10**400), 1 << 40, 10**400])
def test_a_time_that_is_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(SignInFailed, match="identity-malformed"):
        read_identity(_token(**{name: value}), KEYS, ISSUER, DEVICE, NONCE, float(NOW))


@pytest.mark.parametrize("sub", ["Nguyễn Văn Mẫu", "cb 001", "x" * 101, "cb-001\x7f"])
def test_a_clerk_of_whom_no_register_can_be_told_is_not_signed_in(sub: str) -> None:
    with pytest.raises(SignInFailed, match=r"identity-(subject|malformed)"):
        read_identity(_token(sub=sub), KEYS, ISSUER, DEVICE, NONCE, float(NOW))


@pytest.mark.parametrize("sub", ["cb-001", "canbo@xa.example", "auth0|5f7c", "WHknsOFT/+Y=", "uid=nva,ou=people"])
def test_whatever_a_server_calls_a_clerk_is_taken(sub: str) -> None:
    assert read_identity(_token(sub=sub), KEYS, ISSUER, DEVICE, NONCE, float(NOW)).clerk_id == sub


@pytest.mark.parametrize("auth_time", [0, -600, 10])
def test_a_sign_in_lies_before_the_token_that_tells_of_it_or_seconds_after(auth_time: int) -> None:
    token = _token(auth_time=NOW + auth_time)
    assert read_identity(token, KEYS, ISSUER, DEVICE, NONCE, float(NOW)).auth_time == NOW + auth_time


@pytest.mark.parametrize(("iat", "auth_time"), [(-11, 0), (-86_000, 0), (-100, -89)])
def test_a_token_that_tells_of_a_sign_in_to_come_is_refused(iat: int, auth_time: int) -> None:
    token = _token(iat=NOW + iat, auth_time=NOW + auth_time)
    with pytest.raises(SignInFailed, match="identity-out-of-time"):
        read_identity(token, KEYS, ISSUER, DEVICE, NONCE, float(NOW))
