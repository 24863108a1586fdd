"""A test authority that can be told to do everything wrong: keys, certificates, signed data, byte by byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from asn1crypto import core, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from reader.crypto import Curve, curve_by_name
from reader.iso7816 import encode

_CURVES = {
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "secp256r1": ec.SECP256R1,
}
_HASHES = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_DIGEST_OIDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_ECDSA = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha512": "1.2.840.10045.4.3.4"}
_PLAIN = {"sha256": "0.4.0.127.0.7.1.1.4.1.3"}
_PKCS1 = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5", "sha256": "1.2.840.113549.1.1.11"}
SOD_TYPE = "2.23.136.1.1.1"


def oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()


def integer(number: int) -> bytes:
    return core.Integer(number).dump()


def seq(*parts: bytes) -> bytes:
    return encode(0x30, b"".join(parts))


def explicit_parameters(curve: Curve, **changed: int) -> bytes:
    """Write domain parameters out; ``changed`` replaces single numbers, as a forger would."""
    numbers = {name: getattr(curve, name) for name in ("p", "a", "b", "gx", "gy", "n", "h")} | changed
    size = curve.field_length
    field_id = seq(oid("1.2.840.10045.1.1"), integer(numbers["p"]))
    coefficients = seq(*(encode(4, numbers[name].to_bytes(size, "big")) for name in "ab"))
    base = encode(4, b"\x04" + numbers["gx"].to_bytes(size, "big") + numbers["gy"].to_bytes(size, "big"))
    return seq(integer(1), field_id, coefficients, base, integer(numbers["n"]), integer(numbers["h"]))


@dataclass
class Key:
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    curve: Curve | None = None
    parameters: bytes = b""

    @property
    def spki(self) -> bytes:
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            numbers = public.public_numbers()
            size = self.curve.field_length
            point = b"\x04" + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
            return seq(seq(oid("1.2.840.10045.2.1"), self.parameters), encode(3, b"\x00" + point))
        numbers = public.public_numbers()
        key = seq(integer(numbers.n), integer(numbers.e))
        return seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), encode(3, b"\x00" + key))

    @property
    def key_id(self) -> bytes:
        return hashlib.sha1(self.spki).digest()  # noqa: S324  # a key identifier is no secret


@dataclass
class Scheme:
    """How something is signed: "ecdsa", "plain", "pkcs1" or "pss"."""

    name: str = "ecdsa"
    digest: str = "sha256"
    salt: int = 32
    mask: str = "sha256"

    def identifier(self) -> bytes:
        if self.name == "ecdsa":
            return seq(oid(_ECDSA[self.digest]))
        if self.name == "plain":
            return seq(oid(_PLAIN[self.digest]))
        if self.name == "pkcs1":
            return seq(oid(_PKCS1[self.digest]), b"\x05\x00")
        digest = encode(0xA0, seq(oid(_DIGEST_OIDS[self.digest])))
        mask = encode(0xA1, seq(oid("1.2.840.113549.1.1.8"), seq(oid(_DIGEST_OIDS[self.mask]))))
        return seq(oid("1.2.840.113549.1.1.10"), seq(digest, mask, encode(0xA2, integer(self.salt))))

    def sign(self, key: Key, message: bytes) -> bytes:
        digest = _HASHES[self.digest]()
        if isinstance(key.private, ec.EllipticCurvePrivateKey):
            signature = key.private.sign(message, ec.ECDSA(digest))
            if self.name != "plain":
                return signature
            r, s = utils.decode_dss_signature(signature)
            return r.to_bytes(key.curve.order_length, "big") + s.to_bytes(key.curve.order_length, "big")
        if self.name == "pss":
            return key.private.sign(message, padding.PSS(padding.MGF1(_HASHES[self.mask]()), self.salt), digest)
        return key.private.sign(message, padding.PKCS1v15(), digest)


@dataclass
class Profile:
    """What stands in a certificate; the default is a Document Signer of 2026."""

    key: Key
    signer: Key
    subject: str = "DS 1"
    issuer: str = "CSCA Test"
    country: str = "VN"
    issuer_country: str = ""
    serial: int = 7
    begin: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    end: datetime = datetime(2036, 1, 1, tzinfo=UTC)
    scheme: Scheme = field(default_factory=Scheme)
    ca: bool | None = None
    usage: set[str] | None = field(default_factory=lambda: {"digital_signature"})
    key_id: bytes | None = b""
    authority_key_id: bytes | None = b""
    eku: str = ""
    unknown_critical: bool = False
    private_usage: tuple[datetime, datetime] | None = None
    path_length: int | None = None
    extra: tuple[str, bytes] | None = None


class Authority:
    """Make keys, certificates and signed data."""

    def __init__(self) -> None:
        self._rsa: rsa.RSAPrivateKey | None = None

    def key(self, curve: str = "brainpoolP384r1", *, explicit: bool = False, **changed: int) -> Key:
        found = curve_by_name(curve)
        written = explicit_parameters(found, **changed) if explicit or changed else oid(found.oid)
        return Key(ec.generate_private_key(_CURVES[curve]()), found, written)

    def rsa_key(self) -> Key:
        self._rsa = self._rsa or rsa.generate_private_key(65537, 2048)
        return Key(self._rsa)

    def csca(self, key: Key, **changes: object) -> bytes:
        profile = Profile(
            key,
            key,
            subject="CSCA Test",
            ca=True,
            usage={"key_cert_sign", "crl_sign"},
            begin=datetime(2020, 1, 1, tzinfo=UTC),
        )
        return self.certificate(replace(profile, **changes))

    def ds(self, key: Key, signer: Key, **changes: object) -> bytes:
        return self.certificate(replace(Profile(key, signer), **changes))

    def certificate(self, profile: Profile) -> bytes:
        extensions = self._extensions(profile)
        tbs = seq(
            encode(0xA0, integer(2)),
            integer(profile.serial),
            profile.scheme.identifier(),
            _name(profile.issuer_country or profile.country, profile.issuer),
            seq(_time(profile.begin), _time(profile.end)),
            _name(profile.country, profile.subject),
            profile.key.spki,
            *([encode(0xA3, seq(*extensions))] if extensions else []),
        )
        signature = profile.scheme.sign(profile.signer, tbs)
        return seq(tbs, profile.scheme.identifier(), encode(3, b"\x00" + signature))

    def _extensions(self, profile: Profile) -> list[bytes]:
        found = []
        if profile.key_id is not None:
            found.append(_extension("2.5.29.14", encode(4, profile.key_id or profile.key.key_id)))
        if profile.authority_key_id is not None:
            key_id = profile.authority_key_id or profile.signer.key_id
            found.append(_extension("2.5.29.35", seq(encode(0x80, key_id))))
        if profile.ca is not None:
            found.append(_extension("2.5.29.19", _constraints(profile), critical=True))
        if profile.usage is not None:
            found.append(_extension("2.5.29.15", x509.KeyUsage(profile.usage).dump(), critical=True))
        if profile.eku:
            found.append(_extension("2.5.29.37", seq(oid(profile.eku)), critical=True))
        if profile.unknown_critical:
            found.append(_extension("1.2.3.4.5", b"\x05\x00", critical=True))
        if profile.extra is not None:
            found.append(_extension(*profile.extra))
        if profile.private_usage is not None:
            begin, end = (core.GeneralizedTime(moment).contents for moment in profile.private_usage)
            found.append(_extension("2.5.29.16", seq(encode(0x80, begin), encode(0x81, end))))
        return found

    def signed_data(
        self,
        content: bytes,
        key: Key,
        certificates: tuple[bytes, ...],
        *,
        signer: bytes | None = None,
        scheme: Scheme | None = None,
        digest: str = "sha256",
        content_type: str = SOD_TYPE,
        claimed_type: str | None = None,
        claimed_digest: bytes | None = None,
        signing_time: datetime | None = None,
        store_reversed: bool = False,
        sign_stored: bool = False,
        repeat: str = "",
        attributes: bool = True,
        by_key_id: bool = False,
        signers: int = 1,
    ) -> bytes:
        scheme = scheme or Scheme()
        stored = [
            seq(oid("1.2.840.113549.1.9.3"), encode(0x31, oid(claimed_type or content_type))),
            seq(
                oid("1.2.840.113549.1.9.4"),
                encode(0x31, encode(4, claimed_digest or hashlib.new(digest, content).digest())),
            ),
        ]
        if signing_time is not None:
            stored.append(seq(oid("1.2.840.113549.1.9.5"), encode(0x31, _time(signing_time))))
        stored += [entry for entry in stored if repeat and oid(repeat) in entry]
        ordered = sorted(stored)
        kept = list(reversed(ordered)) if store_reversed else ordered
        signed = encode(0x31, b"".join(kept if sign_stored else ordered)) if attributes else content
        named = x509.Certificate.load(signer or certificates[0])
        sid = seq(named.issuer.dump(), integer(named.serial_number))
        if by_key_id:
            sid = encode(0x80, named.key_identifier)
        info = seq(
            integer(3 if by_key_id else 1),
            sid,
            seq(oid(_DIGEST_OIDS[digest])),
            *([encode(0xA0, b"".join(kept))] if attributes else []),
            scheme.identifier(),
            encode(4, scheme.sign(key, signed)),
        )
        data = seq(
            integer(3),
            encode(0x31, seq(oid(_DIGEST_OIDS[digest]))),
            seq(oid(content_type), encode(0xA0, encode(4, content))),
            *([encode(0xA0, b"".join(certificates))] if certificates else []),
            encode(0x31, info * signers),
        )
        return seq(oid("1.2.840.113549.1.7.2"), encode(0xA0, data))

    scheme = Scheme


def _name(country: str, common_name: str) -> bytes:
    parts = [("2.5.4.6", 0x13, country), ("2.5.4.3", 0x0C, common_name)]
    return seq(*(encode(0x31, seq(oid(kind), encode(tag, text.encode()))) for kind, tag, text in parts if text))


def _constraints(profile: Profile) -> bytes:
    constraints = {"ca": profile.ca} | (
        {} if profile.path_length is None else {"path_len_constraint": profile.path_length}
    )
    return x509.BasicConstraints(constraints).dump()


def _time(moment: datetime) -> bytes:
    return core.UTCTime(moment).dump()


def _extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return seq(oid(kind), *([b"\x01\x01\xff"] if critical else []), encode(4, value))


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()
