"""Proof of possession for OAuth tokens (DPoP, RFC 9449): make a proof with the device's key, and judge one.

A proof is a small signed token over the method and address of one request, made for that request alone. Where it goes
with an access token it names the token's hash, so a token that was copied is of no use without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.wire.endpoint import Signer
from auth.wire.jwt import JwtRefused, base64url, public_jwk, read_jwt, sign_jwt
from auth.wire.thumbprint import thumbprint

__all__ = [
    "FUTURE_S",
    "PAST_S",
    "DpopRefused",
    "Proven",
    "SeenProofs",
    "judge_proof",
    "make_proof",
    "normal_target",
    "token_hash",
]

TYPE = "dpop+jwt"
# FAPI 2.0 Security Profile §5.3.2.1: clocks run ahead by seconds, and a proof is made when it is sent.
FUTURE_S = 10
PAST_S = 60
_MAX_PROOF_CHARACTERS = 2_048
_MAX_SEEN = 100_000
_JTI = re.compile(r"[\x21-\x7e]{8,128}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_JWK_MEMBERS = frozenset({"kty", "crv", "x", "y"})


class DpopRefused(Exception):
    """Say that a proof proves nothing; ``why`` is a short stable word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Proven:
    """Hold what a proof proved: the RFC 7638 thumbprint of the key that made it, and its id."""

    thumbprint: str
    jti: str


class SeenProofs:
    """Remember the ids of proofs as long as the proofs could still count; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str], float] = {}

    def first_time(self, proven: Proven, now: float) -> bool:
        """Tell whether the id is new with its key, and remember it; False too where there are too many to remember."""
        with self._lock:
            if len(self._until) >= _MAX_SEEN:
                self._until = {known: until for known, until in self._until.items() if until > now}
            name = (proven.thumbprint, proven.jti)
            if self._until.get(name, now) > now or len(self._until) >= _MAX_SEEN:
                return False
            self._until[name] = now + PAST_S + FUTURE_S
            return True


def token_hash(access_token: str) -> str:
    """Return the ``ath`` of an access token (RFC 9449 §4.2)."""
    return base64url(hashlib.sha256(access_token.encode("ascii")).digest())


def make_proof(
    signer: Signer, method: str, url: str, issued_at: int, *, access_token: str | None = None, nonce: str | None = None
) -> str:
    """Return a proof for one request at ``issued_at`` (Unix seconds), made with the device's key."""
    claims: dict[str, object] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": url.partition("#")[0].partition("?")[0],
        "iat": issued_at,
    }
    if access_token is not None:
        claims["ath"] = token_hash(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    return sign_jwt({"typ": TYPE, "jwk": public_jwk(signer.public_key)}, claims, signer)


def judge_proof(
    proof: str,
    method: str,
    url: str,
    now: float,
    seen: SeenProofs,
    *,
    access_token: str | None = None,
    nonce_counts: Callable[[str], bool] | None = None,
) -> Proven:
    """Return what ``proof`` proves about a request; raise DpopRefused for the first reason that it does not.

    Implements RFC 9449 §4.3. With ``nonce_counts`` a nonce that it accepts is required, and "nonce" is the reason
    otherwise. A proof is remembered in ``seen`` only when all else is right.
    """
    if len(proof) > _MAX_PROOF_CHARACTERS:
        raise DpopRefused("malformed")
    keys: list[ec.EllipticCurvePublicKey] = []

    def key_for(header: dict[str, Any]) -> ec.EllipticCurvePublicKey:
        keys.append(_key_of(header.get("jwk")))
        return keys[0]

    try:
        claims = read_jwt(proof, TYPE, frozenset({"jwk"}), key_for)
    except JwtRefused as error:
        raise DpopRefused(error.why) from None
    _check_claims(claims, method, url, now, access_token)
    nonce = claims.get("nonce")
    if nonce_counts is not None and not (isinstance(nonce, str) and nonce_counts(nonce)):
        raise DpopRefused("nonce")
    proven = Proven(thumbprint(keys[0]), claims["jti"])
    if not seen.first_time(proven, now):
        raise DpopRefused("replayed")
    return proven


def _check_claims(claims: dict[str, Any], method: str, url: str, now: float, access_token: str | None) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise DpopRefused("jti")
    if claims.get("htm") != method:
        raise DpopRefused("htm")
    if not _same_target(claims.get("htu"), url):
        raise DpopRefused("htu")
    if not _in_time(claims.get("iat"), now):
        raise DpopRefused("iat")
    if not _same_text(claims.get("ath"), token_hash(access_token) if access_token is not None else None):
        raise DpopRefused("ath")


# The same few addresses for every proof.
@lru_cache(maxsize=256)
def normal_target(url: str) -> str:
    """Return an address as RFC 3986 §6.2.2 and §6.2.3 compare it, without query and fragment; raise ValueError.

    User information and dot segments are refused rather than resolved: no request of ours has them.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme != "https" or not host or parts.username is not None or not url.isascii():
        raise ValueError("no https address")
    path = _ESCAPE.sub(_normal_escape, parts.path) or "/"
    if any(segment in (".", "..") for segment in path.split("/")):
        raise ValueError("dot segments")
    where = f"[{host}]" if ":" in host else host
    return f"https://{where}{'' if port in (None, 443) else f':{port}'}{path}"


def _normal_escape(escape: re.Match[str]) -> str:
    letter = chr(int(escape[1], 16))
    return letter if _UNRESERVED.fullmatch(letter) else escape[0].upper()


def _same_target(claimed: object, url: str) -> bool:
    if not isinstance(claimed, str):
        return False
    try:
        return normal_target(claimed) == normal_target(url)
    except ValueError:
        return False


def _in_time(issued_at: object, now: float) -> bool:
    # A bool is an int to Python and no time to anybody else.
    if not isinstance(issued_at, int) or isinstance(issued_at, bool):
        return False
    # Compared and not subtracted: a difference with a number beyond all floats is an error, a comparison is not.
    return now - PAST_S <= issued_at <= now + FUTURE_S


def _same_text(claimed: object, expected: str | None) -> bool:
    if expected is None:
        return claimed is None
    return isinstance(claimed, str) and claimed.isascii() and hmac.compare_digest(claimed, expected)


def _key_of(jwk: object) -> ec.EllipticCurvePublicKey:
    """Return the P-256 public key of a JWK that holds nothing else; raise JwtRefused."""
    if not isinstance(jwk, dict) or set(jwk) != _JWK_MEMBERS or jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise JwtRefused("wrong-key")
    try:
        key = ECKey.import_key(jwk).public_key
    except (JoseError, ValueError, TypeError, AttributeError):
        raise JwtRefused("wrong-key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise JwtRefused("wrong-key")
    return key
