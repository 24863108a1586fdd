"""The small parts by themselves: commitments, tokens, encodings, the register's ephemeral key."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from auth.device_key import DeviceKey
from auth.presence import ChallengeClaims, Commitment, Mode, commit, request_digest
from auth.presence.claims import CHALLENGE_KIND, RECEIPT_KIND, Target
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.presence.relay import Relayed, chip_key_of, ephemeral_scalar, relayed
from auth.presence.tokens import read_token, sign_token
from mock_cards.build import CardFactory
from reader.errors import DataError
from reader.genuine import ChipKey
from reader.lds import parse_dg14

Register = Any

AUDIENCES = st.text("abcdefgh.-", min_size=1, max_size=8).map("a".__add__)
BODIES = st.dictionaries(AUDIENCES, st.binary(max_size=20), min_size=1, max_size=8)


def claims(**changes: Any) -> ChallengeClaims:
    told: dict[str, Any] = {
        "issuer": "verifier",
        "audiences": ("land",),
        "device": "desk-1",
        "device_key": "A" * 43,
        "clerk": "clerk-1",
        "purpose": "citizen-information",
        "root": "A" * 43,
        "sod": "A" * 43,
        "key": "A" * 43,
        "mode": Mode.ACTIVE,
        "k": 2,
        "jti": "A" * 22,
        "nonce": "A" * 43,
        "issued": 1,
        "expires": 61,
        "trust": "list-7",
    }
    return ChallengeClaims(**told | changes)


def test_the_digests_are_those_that_anybody_computes() -> None:
    one = hashlib.sha256(b"CPP1-req\0land\0{}").digest()
    two = hashlib.sha256(b"CPP1-req\0population\0[]").digest()
    assert request_digest("land", b"{}") == one
    root = hashlib.sha256(b"CPP1-set\0land\0" + one + b"population\0" + two).digest()
    assert commit({"population": b"[]", "land": b"{}"}).root == root


@given(requests=BODIES, audience=AUDIENCES, body=st.binary(max_size=20))
def test_a_commitment_covers_what_was_committed_to_and_nothing_else(
    requests: dict[str, bytes], audience: str, body: bytes
) -> None:
    committed = commit(requests)
    assert all(committed.covers(name, what) for name, what in requests.items())
    assert committed.covers(audience, body) is (requests.get(audience) == body)
    if requests != {audience: body}:
        assert committed.root != commit({audience: body}).root


@pytest.mark.parametrize(
    "digests",
    [
        (),
        (("land", b"short"),),
        (("land", bytes(32)), ("land", bytes(32))),
        (("population", bytes(32)), ("land", bytes(32))),
        (("la\0nd", bytes(32)),),
        tuple((f"a{number}", bytes(32)) for number in range(9)),
    ],
)
def test_no_commitment_is_made_of_anything_else(digests: Any) -> None:
    with pytest.raises(DataError):
        Commitment(digests)


@given(raw=st.binary(max_size=40))
def test_base64url_has_one_writing(raw: bytes) -> None:
    text = to_text(raw)
    assert from_text(text) == raw
    for other in (text + "=", text + "\n", " " + text):
        with pytest.raises(DataError):
            from_text(other)


def test_json_has_one_writing() -> None:
    content = {"b": 1, "a": ["ệ"]}
    assert parse_canonical(canonical(content), 100) == content
    for other in (
        b'{"b":1,"a":["\xe1\xbb\x87"]}',
        b'{"a":["\\u1ec7"],"b":1}',
        b'{"a":1,"a":1}',
        b"[]",
        b"[" * 5000,
        b"\xff",
    ):
        with pytest.raises(DataError):
            parse_canonical(other, 10_000)
    with pytest.raises(DataError):
        parse_canonical(canonical(content), 5)


def test_es256_is_that_of_the_rfc() -> None:
    """RFC 7515 appendix A.3: ES256 over the example payload."""
    x = int.from_bytes(from_text("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), "big")
    y = int.from_bytes(from_text("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"), "big")
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key = DeviceKey.from_pem(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signed = (
        b"eyJhbGciOiJFUzI1NiJ9."
        b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    signature = from_text("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
    assert key.verifies(signed, signature)
    assert not key.verifies(signed + b"x", signature)


class TestTokens:
    """Nothing is negotiated: another header is another token."""

    def test_a_token_says_what_was_signed(self, register: Register) -> None:
        token = sign_token(CHALLENGE_KIND, claims(), register.signer)
        assert read_token(CHALLENGE_KIND, ChallengeClaims, token, register.issuers) == claims()

    def test_a_token_of_one_kind_is_none_of_another(self, register: Register) -> None:
        token = sign_token(RECEIPT_KIND, claims(), register.signer)
        with pytest.raises(DataError):
            read_token(CHALLENGE_KIND, ChallengeClaims, token, register.issuers)

    @pytest.mark.parametrize(
        "changes",
        [
            {"alg": "none"},
            {"alg": "HS256"},
            {"alg": "es256"},
            {"typ": "JWT"},
            {"jwk": {}},
            {"crit": ["b64"]},
            {"kid": 7},
        ],
    )
    def test_another_header_is_refused(self, register: Register, changes: dict[str, Any]) -> None:
        header = {"alg": "ES256", "kid": register.signer.key_id, "typ": CHALLENGE_KIND} | changes
        signed = f"{to_text(canonical(header))}.{to_text(canonical(claims().model_dump(mode='json')))}"
        for signature in (register.signer.sign(signed.encode()), b""):
            with pytest.raises(DataError):
                read_token(CHALLENGE_KIND, ChallengeClaims, f"{signed}.{to_text(signature)}", register.issuers)

    @pytest.mark.parametrize("changes", [{"issuer": "peer"}, {"k": 5}, {"more": 1}, {"root": "short"}, {"ver": 2}])
    def test_other_claims_are_refused(self, register: Register, changes: dict[str, Any]) -> None:
        header = canonical({"alg": "ES256", "kid": register.signer.key_id, "typ": CHALLENGE_KIND})
        signed = f"{to_text(header)}.{to_text(canonical(claims().model_dump(mode='json') | changes))}"
        token = f"{signed}.{to_text(register.signer.sign(signed.encode()))}"
        with pytest.raises(DataError):
            read_token(CHALLENGE_KIND, ChallengeClaims, token, register.issuers)

    @given(token=st.text(max_size=60) | st.from_regex(r"[\w-]{4,20}\.[\w-]{4,20}\.[\w-]{4,20}", fullmatch=True))
    def test_any_text_is_refused_and_nothing_else(self, token: str) -> None:
        with pytest.raises(DataError):
            read_token(CHALLENGE_KIND, ChallengeClaims, token, {})


class TestEphemeralKey:
    """The register keeps no state: its key follows from secret and token."""

    @pytest.fixture(params=["vietnam-2021", "icao-p521", "icao-dh"])
    def chosen(self, factory: CardFactory, request: pytest.FixtureRequest) -> ChipKey:
        key = chip_key_of(parse_dg14(factory.issue("nguyen-van-mau", request.param).files["DG14"]))
        assert isinstance(key, ChipKey)
        return key

    def test_the_same_secret_and_token_give_the_same_key_and_no_others_do(self, chosen: ChipKey) -> None:
        made = {
            ephemeral_scalar(secret * 32, transcript * 32, chosen)
            for secret in (b"a", b"b")
            for transcript in (b"c", b"d")
        }
        assert len(made) == 4
        assert ephemeral_scalar(b"a" * 32, b"c" * 32, chosen) in made

    def test_the_key_fills_the_group(self, chosen: ChipKey) -> None:
        domain = chosen.domain
        order = domain.n if hasattr(domain, "n") else domain.q
        drawn = [ephemeral_scalar(bytes([number]) * 32, b"t" * 32, chosen) for number in range(64)]
        assert all(0 < scalar < order for scalar in drawn)
        assert max(drawn) > order // 2, "with P-521 a hash of 512 bits would never reach the upper half"

    def test_the_command_is_ready_made(self, factory: CardFactory, chosen: ChipKey) -> None:
        dg14 = bytes(300)
        by_sfi = relayed(chosen, 5, Target.READ_BY_SFI, dg14)
        by_name = relayed(chosen, 5, Target.SELECT_AND_READ, dg14)
        (read,) = by_sfi.commands
        select, read_on = by_name.commands
        # 0C B0 8E 00, Lc 13: 97 01 DF, 8E 08 MAC, Le 00.
        assert read[:8] == bytes.fromhex("0CB08E000D9701DF")
        assert (len(read), read[8:10], read[-1]) == (19, b"\x8e\x08", 0)
        assert (select[:4], read_on[:4]) == (bytes.fromhex("0CA4020C"), bytes.fromhex("0CB00000"))
        assert not by_sfi.confirms((b"\x90\x00",))
        assert not by_sfi.confirms(())
        assert not by_sfi.confirms((b"", b""))


@given(answer=st.binary(max_size=300))
def test_no_bytes_are_an_answer_by_chance(answer: bytes) -> None:
    assert not _session().confirms((answer,))


@lru_cache(maxsize=1)
def _session() -> Relayed:
    dg14 = CardFactory("presence-chance").issue("nguyen-van-mau", "vietnam-2021").files["DG14"]
    key = chip_key_of(parse_dg14(dg14))
    assert isinstance(key, ChipKey)
    return relayed(key, 7, Target.READ_BY_SFI, dg14)
