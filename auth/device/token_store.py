"""Keys in a PKCS#11 token (OASIS PKCS #11 2.40): made there, never leaving it, by the extra ``hsm``.

A key's CKA_ID is its RFC 7638 thumbprint, the 32 bytes of it. A PIN goes to the token once: after it was refused
nothing here tries it again, since tokens count. A token that is taken out ends what is under way with an error of its
own; when it is back, the next call opens it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, TokenFlag, exceptions

from auth.device import token_keys
from auth.device.errors import DeviceKeyUnusable, PinLocked, PinRefused, TokenLockedOut, TokenUnavailable
from auth.device.keys import KeyUse, StoreKind
from auth.device.secrets import Secret
from auth.device_key import DeviceKey

__all__ = ["AgreesByKey", "TokenKeyStore", "TokenOpener", "TokenSigner"]

T = TypeVar("T")

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
# What they say where nobody is logged in any more; some then show no private key at all.
_LOGGED_OUT = (exceptions.UserNotLoggedIn, token_keys.KeyMissing)
# What says nothing: the module of a TPM has it for a lock-out as well as for a TPM that does not answer.
_VAGUE = (exceptions.GeneralError, exceptions.FunctionFailed, exceptions.OperationActive)


def _open_token(module: Path, label: str, pin: str) -> pkcs11.Session:
    try:
        library = pkcs11.lib(str(module))
    except exceptions.PKCS11Error:
        raise TokenUnavailable("its module does not start") from None
    token = library.get_token(token_label=label)
    try:
        return token.open(rw=True, user_pin=pin)
    except exceptions.UserAlreadyLoggedIn:
        # A log-in is the whole program's: another store of ours has this token open.
        return token.open(rw=True)
    except exceptions.PinLocked:
        # A TPM in its dictionary-attack mode refuses every PIN without looking at it (TPM 2.0 part 1, 19.8), and its
        # module does not raise the flag of a PIN that is locked for good.
        if library.get_token(token_label=label).flags & TokenFlag.USER_PIN_LOCKED:
            raise
        raise TokenLockedOut from None
    except _VAGUE:
        raise TokenUnavailable("it does not answer") from None


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
        """Make a key in the token.

        Raise DeviceKeyUnusable where the token would let it out again, TokenCannotOpen where it makes none that opens.
        """
        return self._do(lambda session: token_keys.create(session, use))

    def public(self, key_id: str) -> DeviceKey:
        """Return the public half, from the token."""
        return self._do(lambda session: token_keys.public_half(session, key_id))

    def signer(self, key_id: str) -> TokenSigner:
        """Return what signs with the key where it is."""
        self._do(lambda session: token_keys.check_use(session, key_id, Attribute.SIGN))
        return TokenSigner(self, key_id)

    def opener(self, key_id: str) -> TokenOpener:
        """Return what opens with the key where it is."""
        self._do(lambda session: token_keys.check_use(session, key_id, Attribute.DERIVE))
        return TokenOpener(self, key_id, self.public(key_id).to_der())

    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys of ours in the token."""
        return self._do(token_keys.key_ids)

    def destroy(self, key_id: str) -> None:
        """Destroy both halves of a key in the token."""
        # Where another store of this program has logged out, the secret half would not be seen, and stay.
        with suppress(RuntimeError):
            self._thread.submit(self._drop).result()
        self._do(lambda session: token_keys.destroy_key(session, key_id))

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
        return self._do(lambda session: token_keys.sign(session, key_id, hashlib.sha256(message).digest()))

    def agree(self, key_id: str, point: bytes) -> bytes:
        """Return the ECDH shared secret (CKM_ECDH1_DERIVE without a KDF, whose place is outside the token)."""
        return self._do(lambda session: token_keys.agree(session, key_id, point))

    def make_seal(self, secret: bytes) -> tuple[str, bytes]:
        """Make a key that seals in the token; return its name and ``secret`` wrapped under it."""
        name, key = self._do(token_keys.create_seal)
        return name, token_keys.wrap(key, secret)

    def unseal(self, name: str, wrapped: bytes) -> bytes:
        """Return what ``make_seal`` wrapped; raise DeviceKeyUnusable where the key to it is gone."""
        return self._do(lambda session: token_keys.unwrap(session, name, wrapped))

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
        try:
            return self._in_session(work)
        except _LOGGED_OUT as error:
            # Another store of this program has closed, and logged out for all of it.
            self._drop()
            first = error
        try:
            return self._in_session(work)
        except exceptions.PKCS11Error:
            raise first from None

    def _in_session(self, work: Callable[[pkcs11.Session], T]) -> T:
        if self._session is None:
            self._session = self._log_in()
        try:
            return work(self._session)
        except _GONE:
            self._drop()
            raise
        except _VAGUE:
            # A log-in tells more, with the PIN that was taken before, and ends what the module had begun.
            self._drop()
            self._session = self._log_in()
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


class AgreesByKey(Protocol):
    """Agree on secrets with a key that is named."""

    def agree(self, key_id: str, point: bytes) -> bytes:
        """Return the ECDH shared secret, 32 bytes; raise TokenUnavailable where the token was taken out."""
        ...


class TokenOpener:
    """Open by a store whose keys are in a token, or want it each time (``auth.wire.endpoint.Opener``)."""

    def __init__(self, store: AgreesByKey, key_id: str, spki: bytes) -> None:
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
