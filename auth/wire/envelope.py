"""The envelope: what only the register, and then only the desk, may read, whoever carries it (JWE, RFC 7516).

One kind and no other: compact, ECDH-ES+A256KW and A256GCM, never compressed, the key named by ``kid``, the kind of
message by ``typ``. The protected header is held against exactly that before the library sees it, so that nothing a
stranger writes there chooses an algorithm, a key or an amount of work (RFC 8725 §3.1, §3.11).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from joserfc.errors import InvalidExchangeKeyError, JoseError
from joserfc.jwe import JWERegistry, decrypt_compact, encrypt_compact
from joserfc.jwk import ECKey

from auth.wire.bare_key import BareKey
from auth.wire.endpoint import Opener
from auth.wire.profile import MAX_ANSWER_BYTES, MAX_KEY_ID, MAX_SEALED_BYTES
from reader.errors import MotCuaError

__all__ = [
    "SEALED_ANSWER",
    "SEALED_REQUEST",
    "EnvelopeInvalid",
    "Inner",
    "open_sealed",
    "read_inner",
    "seal",
    "sealed_to_key",
    "wrap",
]

SEALED_REQUEST = "motcua-request-1"
SEALED_ANSWER = "motcua-answer-1"

_ALG, _ENC, _CTY = "ECDH-ES+A256KW", "A256GCM", "json"
_MAX_HEADER = 1024
_HEADER_NAMES = frozenset({"alg", "enc", "kid", "typ", "cty", "epk"})
_POINT_BYTES = 65
_COORDINATE = 32


class EnvelopeInvalid(Exception):
    """Say why an envelope was not opened; ``why`` is a stable word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, repr=False)
class Inner:
    """Hold what a sealed request says: the request's bytes as they were sealed, and the presence proof's JSON."""

    request: bytes
    presence: bytes | None = None

    def __repr__(self) -> str:
        """Show how much, not what."""
        return f"Inner({len(self.request)} bytes)"


class _Sizes(JWERegistry):
    """Know our algorithms only; what is sealed was held against its limit before."""

    max_ciphertext_length = 2 * MAX_ANSWER_BYTES


class _KeptKey(BareKey):
    """Agree on a secret by asking an opener; the key itself may be where nobody can take it from."""

    opener: Opener

    def exchange_derive_key(self, key: ECKey) -> bytes:
        """Return the shared secret with the ephemeral key."""
        peer = key.public_key
        if not isinstance(peer.curve, ec.SECP256R1):
            raise InvalidExchangeKeyError()
        return self.opener.agree(peer.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


_REGISTRY = _Sizes(algorithms=[_ALG, _ENC])


def wrap(inner: Inner) -> bytes:
    """Return the plaintext of a sealed request: ``request`` as a JSON string, byte for byte, and ``presence``.

    Raise EnvelopeInvalid for a request that is not UTF-8 or a presence proof that is no JSON object.
    """
    try:
        text = inner.request.decode("utf-8")
        presence = _load(inner.presence) if inner.presence is not None else None
        if inner.presence is not None and not isinstance(presence, dict):
            raise EnvelopeInvalid("inner-malformed")
        return _dump({"request": text, "presence": presence})
    except (ValueError, RecursionError):
        raise EnvelopeInvalid("inner-malformed") from None


def read_inner(plain: bytes) -> Inner:
    """Read the plaintext of a sealed request; raise EnvelopeInvalid for anything else, a name twice included."""
    try:
        said = _load(plain)
    except (ValueError, RecursionError):
        raise EnvelopeInvalid("inner-malformed") from None
    if not isinstance(said, dict) or set(said) != {"request", "presence"} or not isinstance(said["request"], str):
        raise EnvelopeInvalid("inner-malformed")
    presence = said["presence"]
    if presence is not None and not isinstance(presence, dict):
        raise EnvelopeInvalid("inner-malformed")
    try:
        return Inner(said["request"].encode("utf-8"), _dump(presence) if presence is not None else None)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can write and UTF-8 cannot.
        raise EnvelopeInvalid("inner-malformed") from None


def seal(plain: bytes, kind: str, key_id: str, spki: bytes) -> bytes:
    """Return ``plain`` sealed to the P-256 key ``spki``, as a message of ``kind``; raise EnvelopeInvalid."""
    header = {"alg": _ALG, "enc": _ENC, "kid": key_id, "typ": kind, "cty": _CTY}
    public = _public_key(spki)
    return encrypt_compact(header, plain, BareKey(public, public), registry=_REGISTRY).encode("ascii")


def open_sealed(sealed: bytes, kind: str, openers: Mapping[str, Opener], limit: int = MAX_SEALED_BYTES) -> bytes:
    """Return what is in ``sealed``, a message of ``kind`` to one of ``openers`` (by key id).

    Raise EnvelopeInvalid: "too-large", "not-sealed", "sealed-otherwise" for another kind, algorithm or header,
    "unknown-seal-key" for a key that is not ours, "seal-broken" where it was not sealed to that key or was changed.
    What an opener itself raises is handed on.
    """
    if len(sealed) > limit:
        raise EnvelopeInvalid("too-large")
    header = _header(sealed)
    if any(header.get(name) != value for name, value in (("alg", _ALG), ("enc", _ENC), ("typ", kind), ("cty", _CTY))):
        raise EnvelopeInvalid("sealed-otherwise")
    key_id = _key_id(header)
    if key_id not in openers:
        raise EnvelopeInvalid("unknown-seal-key")
    _check_ephemeral(header["epk"])
    opener = openers[key_id]
    public = _public_key(opener.spki)
    key = _KeptKey(public, public)
    key.opener = opener
    try:
        plain = decrypt_compact(sealed, key, registry=_REGISTRY).plaintext
    except MotCuaError:
        raise
    except (JoseError, ValueError, TypeError, AssertionError, UnsupportedAlgorithm):
        raise EnvelopeInvalid("seal-broken") from None
    if plain is None:
        raise EnvelopeInvalid("seal-broken")
    return plain


def sealed_to_key(sealed: bytes) -> str:
    """Return the id of the key that ``sealed`` says it is sealed to, unproven; raise EnvelopeInvalid."""
    return _key_id(_header(sealed))


def _key_id(header: dict[str, Any]) -> str:
    key_id = header["kid"]
    if not isinstance(key_id, str) or len(key_id) > MAX_KEY_ID:
        raise EnvelopeInvalid("unknown-seal-key")
    return key_id


def _header(sealed: bytes) -> dict[str, Any]:
    """Return the protected header, still unproven: all of its names are ours and each is there once."""
    parts = sealed.split(b".", 5)
    if len(parts) != 5 or len(parts[0]) > _MAX_HEADER:
        raise EnvelopeInvalid("not-sealed")
    try:
        header, *_ = _load(_decode(parts[0])), *map(_decode, parts[1:])
    except (ValueError, RecursionError):
        raise EnvelopeInvalid("not-sealed") from None
    if not isinstance(header, dict):
        raise EnvelopeInvalid("not-sealed")
    if set(header) != _HEADER_NAMES:
        raise EnvelopeInvalid("sealed-otherwise")
    return header


def _check_ephemeral(epk: object) -> None:
    """Raise EnvelopeInvalid unless ``epk`` is a public point of P-256 and says no more (RFC 7518 §4.6.1.1)."""
    if not isinstance(epk, dict) or set(epk) != {"kty", "crv", "x", "y"}:
        raise EnvelopeInvalid("sealed-otherwise")
    if (epk["kty"], epk["crv"]) != ("EC", "P-256"):
        raise EnvelopeInvalid("sealed-otherwise")
    try:
        x, y = (_decode(epk[name].encode("ascii")) for name in ("x", "y"))
        # Either length alone would show as a point of a wrong size; both together would not.
        if len(x) != _COORDINATE or len(y) != _COORDINATE:  # pragma: no mutate  # "and" refuses the same points
            raise ValueError("not a coordinate")
        # A point beside the curve would tell bits of a key (RFC 7518 §8.1 on invalid points is why it is refused here).
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
    except (ValueError, AttributeError):
        raise EnvelopeInvalid("seal-broken") from None


def _decode(text: bytes) -> bytes:
    """Return what base64url without padding says (RFC 7515 §2); raise ValueError for anything else.

    One value has one spelling: bits that would mean nothing in the last character are none.
    """
    try:
        value = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
    if base64.urlsafe_b64encode(value).rstrip(b"=") != text:
        raise ValueError("not base64url")
    return value


def _load(text: bytes) -> Any:
    """Return what JSON says; raise ValueError for a name that stands there twice and for numbers that JSON has not."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _no_number(_name: str) -> None:
    raise ValueError("not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


# Public keys only, and the same few for every message.
@lru_cache(maxsize=256)
def _public_key(spki: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise EnvelopeInvalid("bad-seal-key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EnvelopeInvalid("bad-seal-key")
    return key
