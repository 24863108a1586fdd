"""What is done with one open session of a PKCS#11 token: make keys there, and work with them where they are."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import MGF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.constants import DEFAULT
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from auth.device.errors import DeviceKeyUnusable, TokenCannotOpen
from auth.device.keys import KeyUse
from auth.device_key import DeviceKey

__all__ = [
    "KeyMissing",
    "agree",
    "check_use",
    "create",
    "create_seal",
    "destroy_key",
    "key_ids",
    "public_half",
    "sign",
    "unwrap",
    "wrap",
]


class KeyMissing(DeviceKeyUnusable):
    """Say that a token shows no such key: it has none, or nobody is logged in."""


_LABELS = {KeyUse.SIGNING: "motcua signing", KeyUse.OPENING: "motcua opening"}
_SEAL_LABEL = "motcua seal"
# A key has its id only after it was made; one that still bears this mark was left by a process that was killed.
_UNNAMED = b"motcua-unnamed"
_SIGNATURE, _SHARED, _ID = 64, 32, 32
_SEAL_BITS = 2_048
# No public half is ever used in the token, so nothing is said of its uses: the module of a TPM refuses a template that
# says it in other words than its own.
_UNSAID = dict.fromkeys((Attribute.ENCRYPT, Attribute.VERIFY, Attribute.WRAP), DEFAULT)
_KEPT = {Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}


def create(session: pkcs11.Session, use: KeyUse) -> DeviceKey:
    """Make a key pair; raise TokenCannotOpen, or DeviceKeyUnusable where the token would let the key out again."""
    if use is KeyUse.OPENING and Mechanism.ECDH1_DERIVE not in session.token.slot.get_mechanisms():
        raise TokenCannotOpen
    destroy(session, _UNNAMED)
    domain = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    public, private = domain.generate_keypair(
        id=_UNNAMED,
        label=_LABELS[use],
        store=True,
        capabilities=MechanismFlag.SIGN if use is KeyUse.SIGNING else MechanismFlag.DERIVE,
        private_template=_KEPT,
        public_template=_UNSAID,
    )
    _require_kept(public, private)
    made = _public(public)
    _name(public, private, _cka_id(made.key_id))
    return made


def create_seal(session: pkcs11.Session) -> tuple[str, RSAPublicKey]:
    """Make an RSA pair that unwraps what seals a folder (RFC 8017, RSAES-OAEP); return its name and public half.

    The name is the SHA-256 of the public half.
    """
    destroy(session, _UNNAMED)
    public, private = session.generate_keypair(
        KeyType.RSA,
        _SEAL_BITS,
        id=_UNNAMED,
        label=_SEAL_LABEL,
        store=True,
        capabilities=MechanismFlag.DECRYPT,
        private_template=_KEPT,
        public_template=_UNSAID,
    )
    _require_kept(public, private)
    exponent, modulus = (int.from_bytes(public[name]) for name in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
    key = RSAPublicNumbers(exponent, modulus).public_key()
    name = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    _name(public, private, name)
    return _text(name), key


def wrap(key: RSAPublicKey, secret: bytes) -> bytes:
    """Return ``secret``, for ``unwrap`` alone."""
    return key.encrypt(secret, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))


def unwrap(session: pkcs11.Session, name: str, wrapped: bytes) -> bytes:
    """Return what ``wrap`` was given."""
    key = _the_one(session, name, ObjectClass.PRIVATE_KEY)
    # Without a label: the key serves nothing else, and TPMs differ in which labels they take.
    how = (Mechanism.SHA256, MGF.SHA256, None)
    return bytes(key.decrypt(wrapped, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=how))


def sign(session: pkcs11.Session, key_id: str, digest: bytes) -> bytes:
    """Return the signature over a SHA-256 hash as r ‖ s (CKM_ECDSA)."""
    key = _the_one(session, key_id, ObjectClass.PRIVATE_KEY)
    signature = bytes(key.sign(digest, mechanism=Mechanism.ECDSA))
    if len(signature) != _SIGNATURE:
        raise DeviceKeyUnusable("the token signs in another form")
    return signature


def agree(session: pkcs11.Session, key_id: str, point: bytes) -> bytes:
    """Return the ECDH shared secret (CKM_ECDH1_DERIVE without a KDF, whose place is outside the token)."""
    key = _the_one(session, key_id, ObjectClass.PRIVATE_KEY)
    shared = key.derive_key(
        KeyType.GENERIC_SECRET,
        8 * _SHARED,
        mechanism=Mechanism.ECDH1_DERIVE,
        mechanism_param=(pkcs11.KDF.NULL, None, point),
        template={
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.TOKEN: False,
            Attribute.SENSITIVE: False,
            Attribute.EXTRACTABLE: True,
        },
    )
    try:
        return bytes(shared[Attribute.VALUE])
    finally:
        shared.destroy()


def check_use(session: pkcs11.Session, key_id: str, use: Attribute) -> None:
    """Raise DeviceKeyUnusable unless the key may be used so."""
    if not _the_one(session, key_id, ObjectClass.PRIVATE_KEY)[use]:
        raise DeviceKeyUnusable("made for another use")


def public_half(session: pkcs11.Session, key_id: str) -> DeviceKey:
    """Return the public half of a key."""
    return _public(_the_one(session, key_id, ObjectClass.PUBLIC_KEY))


def key_ids(session: pkcs11.Session) -> frozenset[str]:
    """Return the ids of the keys of ours that sign or open."""
    found: set[str] = set()
    for label in _LABELS.values():
        ours = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label})
        ids = [key[Attribute.ID] for key in ours]
        found.update(_text(id) for id in ids if len(id) == _ID)
    return frozenset(found)


def destroy_key(session: pkcs11.Session, key_id: str) -> None:
    """Destroy both halves of a key, or of what seals a folder."""
    destroy(session, _cka_id(key_id))


def destroy(session: pkcs11.Session, cka_id: bytes) -> None:
    """Destroy every object of that CKA_ID."""
    for half in list(session.get_objects({Attribute.ID: cka_id})):
        half.destroy()


def _require_kept(public: pkcs11.PublicKey, private: pkcs11.PrivateKey) -> None:
    if not private[Attribute.SENSITIVE] or private[Attribute.EXTRACTABLE]:
        private.destroy()
        public.destroy()
        raise DeviceKeyUnusable("the token would give the key away")


def _name(public: pkcs11.PublicKey, private: pkcs11.PrivateKey, cka_id: bytes) -> None:
    # The private half first: what has its id is whole in what matters.
    private[Attribute.ID] = public[Attribute.ID] = cka_id


def _cka_id(key_id: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key_id + "=")
    except ValueError:
        raw = b""
    if len(raw) != _ID:
        raise DeviceKeyUnusable("no key id")
    return raw


def _text(cka_id: bytes) -> str:
    return base64.urlsafe_b64encode(cka_id).rstrip(b"=").decode("ascii")


def _public(public: pkcs11.PublicKey) -> DeviceKey:
    return DeviceKey.from_der(encode_ec_public_key(public))


def _the_one(session: pkcs11.Session, key_id: str, kind: ObjectClass) -> Any:
    # Any: an object has the methods of what it can do, which no type of the library says.
    found = list(session.get_objects({Attribute.CLASS: kind, Attribute.ID: _cka_id(key_id)}))
    if len(found) != 1:
        raise KeyMissing("missing") if not found else DeviceKeyUnusable("ambiguous")
    return found[0]
