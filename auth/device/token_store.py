"""Keys in a PKCS#11 token (OASIS PKCS #11 2.40): made there, never leaving it, by the extra ``hsm``.

A key's CKA_ID is its RFC 7638 thumbprint, the 32 bytes of it. A PIN goes to the token once: after it was refused
nothing here tries it again, since tokens count. A token that is taken out ends what is under way with an error of its
own; when it is back, the next call opens it anew.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, exceptions
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from auth.device.errors import DeviceKeyUnusable, PinLocked, PinRefused, TokenUnavailable
from auth.device.keys import KeyUse, StoreKind
from auth.device.secrets import Secret
from auth.device_key import DeviceKey

__all__ = ["TokenKeyStore", "TokenOpener", "TokenSigner"]

T = TypeVar("T")

_LABELS = {KeyUse.SIGNING: "motcua signing", KeyUse.OPENING: "motcua opening"}
# A key has its id only after it was made; one that still bears this mark was left by a process that was killed.
_UNNAMED = b"motcua-unnamed"
_SIGNATURE, _SHARED, _ID = 64, 32, 32

_PIN_WRONG = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange)
_PIN_DEAD = (exceptions.PinLocked, exceptions.PinExpired, exceptions.UserPinNotInitialized)
# What modules say when a token is taken out: some name it, some have lost the session or the objects of it.
_GONE = (
    exceptions.DeviceError,
    exceptions.DeviceRemoved,
    exceptions.NoSuchToken,
    exceptions.ObjectHandleInvalid,
    exceptions.KeyHandleInvalid,
    exceptions.SessionClosed,
    exceptions.SessionHandleInvalid,
    exceptions.SlotIDInvalid,
    exceptions.TokenNotPresent,
    exceptions.TokenNotRecognised,
    exceptions.UserNotLoggedIn,
)


def _open_token(module: Path, label: str, pin: str) -> pkcs11.Session:
    token = pkcs11.lib(str(module)).get_token(token_label=label)
    try:
        return token.open(rw=True, user_pin=pin)
    except exceptions.UserAlreadyLoggedIn:
        # A log-in is the whole program's: another store of ours has this token open.
        return token.open(rw=True)


class TokenKeyStore:
    """Keep keys in the token named ``label`` behind the PKCS#11 ``module`` (``auth.device.keys.KeyStore``)."""

    kind = StoreKind.PKCS11

    def __init__(
        self,
        module: Path,
        label: str,
        pin: Secret,
        *,
        open_token: Callable[[Path, str, str], pkcs11.Session] = _open_token,
    ) -> None:
        """Open nothing yet; ``pin`` is asked for when the token is first needed."""
        self._module = module
        self._label = label
        self._pin = pin
        self._open_token = open_token
        self._session: pkcs11.Session | None = None
        self._refused: PinRefused | PinLocked | None = None
        # One thread for all of it: a session does one thing at a time, and a module that is built on OpenSSL leaves
        # its errors in the queue of the thread that called it, where Python's own TLS would stumble over them.
        self._thread = ThreadPoolExecutor(1, "token")

    def __repr__(self) -> str:
        """Show what it is only."""
        return "TokenKeyStore()"

    def create(self, use: KeyUse) -> DeviceKey:
        """Make a key in the token; raise DeviceKeyUnusable where the token would let it out again."""
        return self._do(lambda session: _create(session, use))

    def public(self, key_id: str) -> DeviceKey:
        """Return the public half, from the token."""
        return self._do(lambda session: _public(_the_one(session, key_id, ObjectClass.PUBLIC_KEY)))

    def signer(self, key_id: str) -> TokenSigner:
        """Return what signs with the key where it is."""
        self._do(lambda session: _check_use(session, key_id, Attribute.SIGN))
        return TokenSigner(self, key_id)

    def opener(self, key_id: str) -> TokenOpener:
        """Return what opens with the key where it is."""
        self._do(lambda session: _check_use(session, key_id, Attribute.DERIVE))
        return TokenOpener(self, key_id, self.public(key_id).to_der())

    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys of ours in the token."""
        return self._do(_key_ids)

    def destroy(self, key_id: str) -> None:
        """Destroy both halves of a key in the token."""
        self._do(lambda session: _destroy(session, _cka_id(key_id)))

    def destroy_everything(self, key_ids: Iterable[str]) -> None:
        """Destroy these keys; a token may hold others, of another device or for another use."""
        for key_id in key_ids:
            self.destroy(key_id)

    def close(self) -> None:
        """Log out and forget the PIN."""
        with suppress(RuntimeError):
            self._thread.submit(self._drop).result()
        self._thread.shutdown()
        self._pin.forget()

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Return the ECDSA P-256/SHA-256 signature as r ‖ s; the token signs the hash (CKM_ECDSA)."""
        return self._do(lambda session: _sign(session, key_id, hashlib.sha256(message).digest()))

    def agree(self, key_id: str, point: bytes) -> bytes:
        """Return the ECDH shared secret (CKM_ECDH1_DERIVE without a KDF, whose place is outside the token)."""
        return self._do(lambda session: _agree(session, key_id, point))

    def _do(self, work: Callable[[pkcs11.Session], T]) -> T:
        """Have the token's thread do ``work``; map every exception of the module once, here."""
        try:
            return self._thread.submit(self._with_session, work).result()
        except _GONE:
            raise TokenUnavailable("taken out, or not there") from None
        except exceptions.PKCS11Error as error:
            raise DeviceKeyUnusable(f"the token refuses ({type(error).__name__})") from None
        except RuntimeError:
            raise TokenUnavailable("closed") from None

    def _with_session(self, work: Callable[[pkcs11.Session], T]) -> T:
        if self._session is None:
            self._session = self._log_in()
        try:
            return work(self._session)
        except _GONE:
            self._drop()
            raise

    def _log_in(self) -> pkcs11.Session:
        if self._refused is not None:
            raise type(self._refused)("not tried again") from None
        pin = self._pin.reveal()
        try:
            return self._open_token(self._module, self._label, pin.decode("utf-8"))
        except (*_PIN_WRONG, UnicodeDecodeError):
            raise self._refuse(PinRefused()) from None
        except _PIN_DEAD:
            raise self._refuse(PinLocked()) from None
        except exceptions.MultipleTokensReturned:
            raise TokenUnavailable("several of this name") from None
        except (RuntimeError, OSError) as error:
            # The library's own errors are RuntimeErrors too; the loader's are the plain ones, and name files.
            if isinstance(error, exceptions.PKCS11Error) and type(error) is not exceptions.PKCS11Error:
                raise
            raise TokenUnavailable("its module cannot be loaded") from None

    def _refuse(self, refused: PinRefused | PinLocked) -> PinRefused | PinLocked:
        self._refused = refused
        self._pin.forget()
        return refused

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # A token that is gone has no session to close.
            with suppress(exceptions.PKCS11Error):
                session.close()


class TokenSigner:
    """Sign in the token (``auth.wire.endpoint.Signer``)."""

    def __init__(self, store: TokenKeyStore, key_id: str) -> None:
        self._store = store
        self._key_id = key_id

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"TokenSigner({self._key_id})"

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        return self._key_id

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key, from the token."""
        return self._store.public(self._key_id).key

    def sign(self, message: bytes) -> bytes:
        """Return the signature as r ‖ s, 64 bytes; raise TokenUnavailable where the token was taken out."""
        return self._store.sign(self._key_id, message)


class TokenOpener:
    """Open by the token (``auth.wire.endpoint.Opener``)."""

    def __init__(self, store: TokenKeyStore, key_id: str, spki: bytes) -> None:
        self._store = store
        self._key_id = key_id
        self._spki = spki

    def __repr__(self) -> str:
        """Show the public id only."""
        return f"TokenOpener({self._key_id})"

    @property
    def key_id(self) -> str:
        """Return the id under which the registers know the public key."""
        return self._key_id

    @property
    def spki(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo: what others seal to."""
        return self._spki

    def agree(self, point: bytes) -> bytes:
        """Return the ECDH shared secret, 32 bytes; raise TokenUnavailable where the token was taken out."""
        return self._store.agree(self._key_id, point)


def _create(session: pkcs11.Session, use: KeyUse) -> DeviceKey:
    _destroy(session, _UNNAMED)
    domain = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    public, private = domain.generate_keypair(
        id=_UNNAMED,
        label=_LABELS[use],
        store=True,
        capabilities=MechanismFlag.SIGN if use is KeyUse.SIGNING else MechanismFlag.DERIVE,
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: use is KeyUse.SIGNING,
            Attribute.DERIVE: use is KeyUse.OPENING,
        },
        public_template={Attribute.VERIFY: use is KeyUse.SIGNING},
    )
    if not private[Attribute.SENSITIVE] or private[Attribute.EXTRACTABLE]:
        private.destroy()
        public.destroy()
        raise DeviceKeyUnusable("the token would give the key away")
    made = _public(public)
    # The private half first: what has its id is whole in what matters.
    private[Attribute.ID] = public[Attribute.ID] = _cka_id(made.key_id)
    return made


def _sign(session: pkcs11.Session, key_id: str, digest: bytes) -> bytes:
    key = _the_one(session, key_id, ObjectClass.PRIVATE_KEY)
    signature = bytes(key.sign(digest, mechanism=Mechanism.ECDSA))
    if len(signature) != _SIGNATURE:
        raise DeviceKeyUnusable("the token signs in another form")
    return signature


def _agree(session: pkcs11.Session, key_id: str, point: bytes) -> bytes:
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


def _check_use(session: pkcs11.Session, key_id: str, use: Attribute) -> None:
    if not _the_one(session, key_id, ObjectClass.PRIVATE_KEY)[use]:
        raise DeviceKeyUnusable("made for another use")


def _key_ids(session: pkcs11.Session) -> frozenset[str]:
    found: set[str] = set()
    for label in _LABELS.values():
        ours = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label})
        ids = [key[Attribute.ID] for key in ours]
        found.update(_text(id) for id in ids if len(id) == _ID)
    return frozenset(found)


def _destroy(session: pkcs11.Session, cka_id: bytes) -> None:
    for half in list(session.get_objects({Attribute.ID: cka_id})):
        half.destroy()


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
        raise DeviceKeyUnusable("missing" if not found else "ambiguous")
    return found[0]
