"""DPoP (RFC 9449): its worked example, what we make, and everything that must not be taken for a proof."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from auth.device import SoftwareSigner
from auth.wire.dpop import DpopRefused, Proven, SeenProofs, judge_proof, make_proof, normal_target, token_hash
from auth.wire.jwt import base64url, public_jwk, sign_jwt

# RFC 9449 §4.1, §6.1 and §7.1: one key, a proof for a token, a proof with a token, the hash and the thumbprint.
RFC_KEY = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_HEADER = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
)
RFC_PROOF = (
    f"{RFC_HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rv"
    "a2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT"
    "3Lg"
)
RFC_PROOF_WITH_TOKEN = (
    f"{RFC_HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9w"
    "cm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFby"
    "J9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)

NOW = 1_800_000_000
URL = "https://registers.test/population/v1/persons:lookup"
TOKEN = "a.b.c"
DEVICE = SoftwareSigner.generate()


def _judge(proof: str, method: str = "POST", url: str = URL, now: float = NOW, **more: Any) -> Proven:
    return judge_proof(proof, method, url, now, more.pop("seen", SeenProofs()), **more)


def _why(proof: str, *arguments: Any, **more: Any) -> str:
    with pytest.raises(DpopRefused) as caught:
        _judge(proof, *arguments, **more)
    return caught.value.why


def _proof(header: dict[str, object] | None = None, **claims: object) -> str:
    said = {"jti": "0123456789abcdef", "htm": "POST", "htu": URL, "iat": NOW, **claims}
    head = {"typ": "dpop+jwt", "jwk": public_jwk(DEVICE.public_key), **(header or {})}
    return sign_jwt(head, {name: value for name, value in said.items() if value is not None}, DEVICE)


def test_the_worked_example_without_a_token_proves_its_key() -> None:
    proven = _judge(RFC_PROOF, "POST", "https://server.example.com/token", 1562262616)
    assert proven == Proven(RFC_KEY, "-BwC3ESc6acc2lTc")


def test_the_worked_example_with_a_token_proves_key_and_token() -> None:
    url = "https://resource.example.org/protectedresource"
    assert _judge(RFC_PROOF_WITH_TOKEN, "GET", url, 1562262618, access_token=RFC_TOKEN).thumbprint == RFC_KEY
    assert _why(RFC_PROOF_WITH_TOKEN, "GET", url, 1562262618, access_token=RFC_TOKEN + "x") == "ath"
    assert token_hash(RFC_TOKEN) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_what_we_make_is_taken() -> None:
    proof = make_proof(DEVICE, "POST", URL + "?a=b#c", NOW, access_token=TOKEN, nonce="n-1")
    proven = _judge(proof, access_token=TOKEN, nonce_counts=lambda nonce: nonce == "n-1")
    assert proven.thumbprint == DEVICE.key_id


def test_what_we_make_verifies_by_another_path_of_the_library_and_without_it() -> None:
    proof = make_proof(DEVICE, "POST", URL, NOW)
    head, body, signature = proof.split(".")
    jwk = json.loads(base64.urlsafe_b64decode(head + "=="))["jwk"]
    claims = json.loads(jws.deserialize_compact(proof, ECKey.import_key(jwk), algorithms=["ES256"]).payload)
    assert (claims["htm"], claims["htu"], claims["iat"]) == ("POST", URL, NOW)
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    DEVICE.public_key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(SHA256()))


def test_each_proof_has_an_id_of_its_own() -> None:
    assert len({_judge(make_proof(DEVICE, "POST", URL, NOW)).jti for _ in range(20)}) == 20


def test_a_proof_counts_once() -> None:
    seen, proof = SeenProofs(), make_proof(DEVICE, "POST", URL, NOW)
    _judge(proof, seen=seen)
    assert _why(proof, seen=seen) == "replayed"
    assert _why(proof, seen=seen, now=NOW + 60) == "replayed"


def test_a_refused_proof_does_not_use_up_its_id() -> None:
    seen, proof = SeenProofs(), make_proof(DEVICE, "POST", URL, NOW)
    assert _why(proof, "GET", seen=seen) == "htm"
    _judge(proof, seen=seen)


def test_the_same_id_under_another_key_is_another_proof() -> None:
    seen, other = SeenProofs(), SoftwareSigner.generate()
    _judge(_proof(), seen=seen)
    theirs = {"typ": "dpop+jwt", "jwk": public_jwk(other.public_key)}
    claims = {"jti": "0123456789abcdef", "htm": "POST", "htu": URL, "iat": NOW}
    assert _judge(sign_jwt(theirs, claims, other), seen=seen).thumbprint == other.key_id


@pytest.mark.parametrize("drift", [-10, -5, 0, 5, 59, 60])
def test_clocks_may_differ_a_little(drift: int) -> None:
    _judge(_proof(), now=NOW + drift)


@pytest.mark.parametrize("drift", [-86_400, -300, -61, -11, 61, 300, 86_400])
def test_clocks_may_not_differ_more(drift: int) -> None:
    assert _why(_proof(), now=NOW + drift) == "iat"


@pytest.mark.parametrize("iat", [None, True, "1800000000", float(NOW), 10**40, -1])
def test_a_time_that_is_none_is_refused(iat: object) -> None:
    assert _why(_proof(iat=iat)) == "iat"


def test_a_time_beyond_all_numbers_is_refused_whatever_kind_of_number_our_time_is() -> None:
    assert _why(_proof(iat=10**400), now=float(NOW) + 0.5) == "iat"


@pytest.mark.parametrize("jti", [None, "", "short", 7, "a" * 129, "white space in it"])
def test_an_id_that_is_none_is_refused(jti: object) -> None:
    assert _why(_proof(jti=jti)) == "jti"


@pytest.mark.parametrize("method", ["GET", "post", "", None])
def test_another_method_is_refused(method: object) -> None:
    assert _why(_proof(htm=method)) == "htm"


@pytest.mark.parametrize(
    "target",
    [
        None,
        7,
        "",
        "https://registers.test/land/v1/parcels:lookup",
        "http://registers.test/population/v1/persons:lookup",
        "https://registers.test:444/population/v1/persons:lookup",
        "https://registers.test.evil/population/v1/persons:lookup",
        "https://me@registers.test/population/v1/persons:lookup",
        "https://registers.test/land/../population/v1/persons:lookup",
        "https://registers.test:port/population/v1/persons:lookup",
        "https://[registers.test/population/v1/persons:lookup",
    ],
)
def test_another_target_is_refused(target: object) -> None:
    assert _why(_proof(htu=target)) == "htu"


def test_a_target_is_compared_as_addresses_are() -> None:
    _judge(_proof(htu="HTTPS://Registers.TEST:443/population/v1/persons%3alookup".replace("%3a", ":") + "?x=1#y"))
    assert normal_target("https://h/%7eme%2F") == "https://h/~me%2F" == normal_target("https://H:443/~me%2f?q")
    assert normal_target("https://h") == "https://h/"
    assert normal_target("https://[::1]:8443/a") == "https://[::1]:8443/a"


def test_a_token_needs_its_hash_and_a_hash_its_token() -> None:
    assert _why(_proof(), access_token=TOKEN) == "ath"
    assert _why(_proof(ath=token_hash(TOKEN))) == "ath"
    assert _why(_proof(ath=token_hash("another")), access_token=TOKEN) == "ath"
    assert _why(_proof(ath="\N{BULLET}"), access_token=TOKEN) == "ath"


@pytest.mark.parametrize("nonce", [None, "yesterday", 7])
def test_a_nonce_that_is_required_must_be_a_right_one(nonce: object) -> None:
    assert _why(_proof(nonce=nonce), nonce_counts=lambda given: given == "today") == "nonce"


@pytest.mark.parametrize("typ", ["JWT", "dpop+JWT", "at+jwt", None])
def test_another_kind_of_token_is_no_proof(typ: str | None) -> None:
    assert _why(_proof({"typ": typ})) == "wrong-type"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "ES384", "ES256K", "EdDSA", None])
def test_another_algorithm_is_refused(alg: str | None) -> None:
    assert _why(_proof({"alg": alg})) == "wrong-algorithm"


def test_a_mac_keyed_with_the_public_key_is_refused() -> None:
    header = {"typ": "dpop+jwt", "jwk": public_jwk(DEVICE.public_key)}
    claims = json.dumps({"jti": "0123456789abcdef", "htm": "POST", "htu": URL, "iat": NOW})
    key = OctKey.import_key(json.dumps(header["jwk"]).ljust(64))
    assert _why(jws.serialize_compact({**header, "alg": "HS256"}, claims, key)) == "wrong-algorithm"


@pytest.mark.parametrize("extra", [{"kid": "x"}, {"crit": ["exp"], "exp": 1}, {"b64": False}, {"jku": "https://evil"}])
def test_a_header_with_more_in_it_is_refused(extra: dict[str, object]) -> None:
    assert _why(_proof(extra)) in {"wrong-header", "malformed"}


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "key",
        {},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "AAAA"},
        {**public_jwk(DEVICE.public_key), "d": "AAAA"},
        {**public_jwk(DEVICE.public_key), "crv": "P-384"},
        {**public_jwk(DEVICE.public_key), "x": 7},
        {**public_jwk(DEVICE.public_key), "y": base64url(b"\x01" * 32)},
    ],
)
def test_a_key_that_is_none_or_private_or_off_the_curve_is_refused(jwk: object) -> None:
    assert _why(_proof({"jwk": jwk})) == "wrong-key"


def test_a_proof_signed_by_another_key_than_it_names_is_refused() -> None:
    assert _why(_proof({"jwk": public_jwk(SoftwareSigner.generate().public_key)})) == "wrong-signature"


def test_every_flipped_letter_is_noticed() -> None:
    proof = make_proof(DEVICE, "POST", URL, NOW)
    # The last letter of each part holds bits that base64url does not use; a strict decoder refuses or ignores them.
    for place in range(0, len(proof) - 1, 7):
        if proof[place] == "." or proof[place + 1] == ".":
            continue
        flipped = proof[:place] + ("A" if proof[place] != "A" else "B") + proof[place + 1 :]
        assert _why(flipped)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_whatever_comes_is_refused_and_never_breaks(text: str) -> None:
    assert _why(text) in {"malformed", "wrong-type"}


@given(st.dictionaries(st.sampled_from(["typ", "alg", "jwk", "crit"]), st.none() | st.booleans() | st.text(max_size=8)))
def test_whatever_header_comes_is_refused_and_never_breaks(header: dict[str, object]) -> None:
    encoded = base64url(json.dumps(header).encode())
    assert _why(f"{encoded}.{base64url(b'{}')}.{base64url(bytes(64))}")


def test_a_proof_larger_than_any_of_ours_is_not_even_parsed() -> None:
    assert _why(_proof(filler="x" * 4_000)) == "malformed"


def test_no_more_proofs_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.wire.dpop._MAX_SEEN", 3)
    seen = SeenProofs()
    for number in range(3):
        assert seen.first_time(Proven("key", str(number)), NOW)
    assert not seen.first_time(Proven("key", "3"), NOW)
    assert seen.first_time(Proven("key", "3"), NOW + 71)
