"""The envelope: the worked example of the RFC first, then all that a hostile header may ask for."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import ECKey, OctKey

from auth.device_opener import SoftwareOpener
from auth.wire.envelope import (
    SEALED_ANSWER,
    SEALED_REQUEST,
    EnvelopeInvalid,
    Inner,
    open_sealed,
    read_inner,
    seal,
    wrap,
)
from auth.wire.profile import MAX_SEALED_BYTES
from reader.errors import DataError, MotCuaError

OPENER = SoftwareOpener.generate()
OPENERS = {OPENER.key_id: OPENER}
PLAIN = '{"citizen":"Nguyễn Văn Mẫu"}'.encode()
HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": OPENER.key_id, "typ": SEALED_REQUEST, "cty": "json"}


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _why(sealed: bytes, kind: str = SEALED_REQUEST) -> str:
    with pytest.raises(EnvelopeInvalid) as caught:
        open_sealed(sealed, kind, OPENERS)
    return caught.value.why


def _sealed() -> bytes:
    return seal(PLAIN, SEALED_REQUEST, OPENER.key_id, OPENER.spki)


def _with_header(**changes: object) -> bytes:
    """Return an envelope whose header says something else, as somebody could write it who has no key."""
    first, rest = _sealed().split(b".", 1)
    header = json.loads(_decoded(first.decode())) | changes
    return _encoded({name: value for name, value in header.items() if value is not None}).encode() + b"." + rest


def test_the_opener_agrees_on_the_secret_of_rfc_7518_appendix_c() -> None:
    bob = ec.derive_private_key(
        int.from_bytes(_decoded("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"), "big"), ec.SECP256R1()
    )
    x, y = "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"
    z = [158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156]
    z += [251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196]
    assert SoftwareOpener(bob).agree(b"\x04" + _decoded(x) + _decoded(y)) == bytes(z)


def test_what_was_sealed_is_opened_and_reads_as_nothing_on_the_way() -> None:
    sealed = _sealed()
    assert open_sealed(sealed, SEALED_REQUEST, OPENERS) == PLAIN
    assert PLAIN not in sealed
    assert b"Nguy" not in b"".join(_decoded(part.decode()) for part in sealed.split(b"."))
    assert sealed != _sealed()


def test_the_header_is_the_profiles_and_says_no_more() -> None:
    header = json.loads(_decoded(_sealed().split(b".")[0].decode()))
    assert {name: value for name, value in header.items() if name != "epk"} == HEADER
    assert set(header["epk"]) == {"kty", "crv", "x", "y"}


class _Token:
    """Hold a key where this process cannot reach it: it agrees, and shows the public half only."""

    def __init__(self, trouble: MotCuaError | None = None) -> None:
        self._inside = SoftwareOpener.generate()
        self._trouble = trouble

    @property
    def key_id(self) -> str:
        return "slot-1"

    @property
    def spki(self) -> bytes:
        return self._inside.spki

    def agree(self, point: bytes) -> bytes:
        if self._trouble is not None:
            raise self._trouble
        assert (len(point), point[:1]) == (65, b"\x04")
        return self._inside.agree(point)


def test_a_key_in_a_token_opens_too() -> None:
    token = _Token()
    sealed = seal(PLAIN, SEALED_ANSWER, token.key_id, token.spki)
    assert open_sealed(sealed, SEALED_ANSWER, {token.key_id: token}) == PLAIN


def test_a_token_that_is_gone_says_so_itself() -> None:
    token = _Token(DataError("token removed"))
    with pytest.raises(DataError, match="token removed"):
        open_sealed(seal(PLAIN, SEALED_ANSWER, token.key_id, token.spki), SEALED_ANSWER, {token.key_id: token})


def test_a_question_is_no_answer() -> None:
    assert _why(_sealed(), SEALED_ANSWER) == "sealed-otherwise"


def test_only_our_own_keys_open() -> None:
    stranger = SoftwareOpener.generate()
    assert _why(seal(PLAIN, SEALED_REQUEST, stranger.key_id, stranger.spki)) == "unknown-seal-key"
    assert _why(seal(PLAIN, SEALED_REQUEST, OPENER.key_id, stranger.spki)) == "seal-broken"


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "dir"},
        {"alg": "HS256"},
        {"alg": "ECDH-ES"},
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA-OAEP-256"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 2**31, "p2s": "AAAA"},
        {"alg": ["ECDH-ES+A256KW"]},
        {"alg": None},
        {"enc": "A128CBC-HS256"},
        {"enc": "A128GCM"},
        {"enc": None},
        {"zip": "DEF"},
        {"zip": ""},
        {"crit": ["exp"], "exp": 1},
        {"b64": False},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://127.0.0.1:9/keys"},
        {"x5u": "https://127.0.0.1:9/cert"},
        {"apu": "QWxpY2U"},
        {"p2c": 2**31},
        {"typ": "JWT"},
        {"typ": None},
        {"cty": "JWT"},
        {"cty": None},
        {"epk": None},
        {"epk": "AAAA"},
        {"epk": {"kty": "oct", "k": "AAAA"}},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "AAAA"}},
        {"epk": {"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"}},
    ],
    ids=str,
)
def test_a_header_that_asks_for_anything_else_is_refused_by_name(changes: dict[str, object]) -> None:
    assert _why(_with_header(**changes)) == "sealed-otherwise"


def test_another_algorithm_is_refused_even_where_everything_about_it_is_right() -> None:
    """An envelope that another program made well, with the public key or with one that our key is not."""
    public = ECKey.import_key(ec.derive_private_key(7, ec.SECP256R1()).public_key())
    made = [
        encrypt_compact({**HEADER, "alg": "ECDH-ES"}, PLAIN, public, algorithms=["ECDH-ES", "A256GCM"]),
        encrypt_compact({**HEADER, "zip": "DEF"}, PLAIN, public, algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"]),
        encrypt_compact(
            {**HEADER, "alg": "dir"},
            PLAIN,
            OctKey.import_key(OPENER.spki[-32:]),
            registry=JWERegistry(algorithms=["dir", "A256GCM"]),
        ),
    ]
    for sealed in made:
        assert _why(sealed.encode()) == "sealed-otherwise"


def test_a_point_beside_the_curve_is_refused() -> None:
    x = _encoded((5).to_bytes(32, "big"))
    assert _why(_with_header(epk={"kty": "EC", "crv": "P-256", "x": x, "y": x})) == "seal-broken"
    assert _why(_with_header(epk={"kty": "EC", "crv": "P-256", "x": "", "y": ""})) == "seal-broken"
    assert _why(_with_header(epk={"kty": "EC", "crv": "P-256", "x": 7, "y": 7})) == "seal-broken"
    assert _why(_with_header(epk={"kty": "EC", "crv": "P-256", "x": "é", "y": "é"})) == "seal-broken"


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        b"....",
        b"a.b.c.d",
        b"a.b.c.d.e.f",
        b".".join([b"a"] * 30),
        b'{"protected":"AAAA","recipients":[]}',
        PLAIN,
        _encoded(b"[]").encode() + b".a.a.a.a",
        _encoded(b'{"alg":1,"alg":2}').encode() + b".a.a.a.a",
        _encoded(b"[" * 700).encode() + b".a.a.a.a",
        b"A" * 2_000 + b".a.a.a.a",
        b"\xff\xfe.a.a.a.a",
    ],
    ids=lambda value: str(value[:20]),
)
def test_what_is_no_envelope_is_refused(sealed: bytes) -> None:
    assert _why(sealed) == "not-sealed"


def test_a_name_twice_in_the_header_is_refused() -> None:
    first, rest = _sealed().split(b".", 1)
    header = _decoded(first.decode())
    doubled = header[:-1] + b',"alg":"ECDH-ES+A256KW"}'
    assert _why(_encoded(doubled).encode() + b"." + rest) == "not-sealed"


def test_what_is_too_large_is_not_even_parsed() -> None:
    assert _why(b"." * (MAX_SEALED_BYTES + 1)) == "too-large"
    with pytest.raises(EnvelopeInvalid, match="too-large"):
        open_sealed(_sealed(), SEALED_REQUEST, OPENERS, limit=10)


def test_a_million_bytes_may_be_sealed_and_opened() -> None:
    large = b"x" * 700_000
    sealed = seal(large, SEALED_ANSWER, OPENER.key_id, OPENER.spki)
    assert open_sealed(sealed, SEALED_ANSWER, OPENERS, limit=1_000_000) == large


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_changed_byte_of_an_envelope_goes_unseen(where: int, change: int) -> None:
    sealed = bytearray(_sealed())
    at = where % len(sealed)
    sealed[at] ^= change
    with pytest.raises(EnvelopeInvalid):
        open_sealed(bytes(sealed), SEALED_REQUEST, OPENERS)


@pytest.mark.parametrize("part", range(5))
def test_no_part_has_a_second_spelling(part: int) -> None:
    parts = _sealed().split(b".")
    for other in (parts[part] + b"=", parts[part] + b"\n", b" " + parts[part], parts[part] + b"A"):
        assert _why(b".".join([*parts[:part], other, *parts[part + 1 :]])) in ("not-sealed", "seal-broken")


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_open_or_make_the_reader_fall(raw: bytes) -> None:
    with pytest.raises(EnvelopeInvalid):
        open_sealed(raw, SEALED_REQUEST, OPENERS)


@given(
    st.dictionaries(st.sampled_from(["alg", "enc", "kid", "typ", "cty", "epk", "zip", "crit"]), st.text(), min_size=1)
)
def test_no_header_whatsoever_opens_or_makes_the_reader_fall(changes: dict[str, str]) -> None:
    with pytest.raises(EnvelopeInvalid):
        open_sealed(_with_header(**changes), SEALED_REQUEST, OPENERS)


@pytest.mark.parametrize("spki", [b"", b"no key", OPENER.spki[:-1]], ids=["empty", "words", "cut short"])
def test_nothing_is_sealed_to_what_is_no_key(spki: bytes) -> None:
    with pytest.raises(EnvelopeInvalid, match=r"^bad-seal-key$"):
        seal(PLAIN, SEALED_REQUEST, "k", spki)
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(EnvelopeInvalid, match=r"^bad-seal-key$"):
        seal(PLAIN, SEALED_REQUEST, "k", other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


# --- what is inside a sealed request ----------------------------------------------------------------------------------


@pytest.mark.parametrize("presence", [None, b"{}", '{"n":[1,2,{"a":"Mẫu"}]}'.encode()])
@pytest.mark.parametrize("request_bytes", [b"", b"{}", PLAIN, b' {"a" :\t"\\u1eab\\"" }\n'])
def test_the_request_comes_out_byte_for_byte(request_bytes: bytes, presence: bytes | None) -> None:
    inner = read_inner(wrap(Inner(request_bytes, presence)))
    assert (inner.request, inner.presence) == (request_bytes, presence)


@given(st.text())
def test_any_text_comes_out_byte_for_byte(text: str) -> None:
    request = text.encode("utf-8", "replace")
    assert read_inner(wrap(Inner(request))).request == request


@pytest.mark.parametrize(
    "inner",
    [
        Inner(b"\xff"),
        Inner(b"{}", b"[]"),
        Inner(b"{}", b"null"),
        Inner(b"{}", b""),
        Inner(b"{}", b'{"a":1,"a":2}'),
        Inner(b"{}", b'{"a":NaN}'),
        Inner(b"{}", b'{"a":"\\ud800"}'),
        Inner(b"{}", b"[" * 100_000),
    ],
    ids=str,
)
def test_what_cannot_be_wrapped_is_refused(inner: Inner) -> None:
    with pytest.raises(EnvelopeInvalid, match=r"^inner-malformed$"):
        wrap(inner)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"[]",
        b"{}",
        b'{"request":"{}"}',
        b'{"request":{},"presence":null}',
        b'{"request":"{}","presence":[]}',
        b'{"request":"{}","presence":"x"}',
        b'{"request":"{}","presence":null,"more":1}',
        b'{"request":"{}","request":"{}","presence":null}',
        b'{"request":"\\ud800","presence":null}',
        b'{"request":"{}","presence":{"a":"\\ud800"}}',
        b'{"request":"{}","presence":{"a":Infinity}}',
        b"[" * 90_000,
        b"\xff",
    ],
    ids=lambda value: str(value[:40]),
)
def test_what_is_no_inner_message_is_refused(plain: bytes) -> None:
    with pytest.raises(EnvelopeInvalid, match="inner-malformed"):
        read_inner(plain)


def test_neither_shows_what_it_holds() -> None:
    assert "Mẫu" not in repr(Inner(PLAIN, PLAIN))
