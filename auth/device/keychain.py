"""The border to the system's keychain: only those that keep a secret, and their exceptions mapped once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from keyring import errors, get_keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer

from auth.device.errors import KeychainInsecure, KeychainUnavailable
from reader.errors import MotCuaError

__all__ = ["PATIENCE_S", "Keychain", "PasswordKeeper", "judge_backend"]

T = TypeVar("T")

PATIENCE_S = 60.0
_NONE = "keyring.backends.fail"
_SERVICE = "motcua-device"
# Named one by one: another package may bring a backend that writes secrets into a plain file, and an environment
# variable or a file of keyring's own may choose it.
_SECRET_KEEPERS = frozenset(
    {
        "keyring.backends.SecretService",
        "keyring.backends.Windows",
        "keyring.backends.kwallet",
        "keyring.backends.libsecret",
        "keyring.backends.macOS",
    }
)


class PasswordKeeper(Protocol):
    """Keep passwords by service and name, as a backend of keyring does."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password, None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        ...


def judge_backend(backend: PasswordKeeper) -> PasswordKeeper:
    """Return the keychain to use; raise KeychainInsecure, which names it, for one that keeps nothing secret.

    Of several behind one another the first is used alone, so that a secret never ends up in the next. Raise
    KeychainUnavailable where there is none at all.
    """
    if isinstance(backend, chainer.ChainerBackend):
        behind = list(backend.backends)
        if not behind:
            raise KeychainUnavailable("there is none")
        backend = behind[0]
    module = type(backend).__module__
    if module == _NONE:
        raise KeychainUnavailable("there is none")
    if module not in _SECRET_KEEPERS:
        raise KeychainInsecure(f"{module}.{type(backend).__name__}"[:100])
    return backend


def _of_system() -> PasswordKeeper:
    found: PasswordKeeper = get_keyring()
    if type(found).__module__ == _NONE:
        # keyring looks once in the life of a program; a keychain may come when somebody has logged in.
        come = [kind for kind in KeyringBackend.get_viable_backends() if kind.__module__ in _SECRET_KEEPERS]
        found = max(come, key=lambda kind: float(kind.priority))() if come else found
    return judge_backend(found)


class Keychain:
    """Keep short secrets in the system's keychain, which is looked for when it is first needed.

    A keychain may ask whoever sits there for its password. It is waited for ``patience_s`` seconds, and while its
    question is still open nothing more is asked of it.
    """

    def __init__(self, find: Callable[[], PasswordKeeper] = _of_system, patience_s: float = PATIENCE_S) -> None:
        self._find = find
        self._patience_s = patience_s
        self._asked: Future[Any] | None = None
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none; raise KeychainUnavailable or KeychainInsecure."""
        return self._within(lambda: self._find().get_password(_SERVICE, name))

    def put(self, name: str, secret: str) -> None:
        """Keep a secret; raise KeychainUnavailable or KeychainInsecure."""
        self._within(lambda: self._find().set_password(_SERVICE, name, secret))

    def remove(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already. Raise KeychainUnavailable otherwise."""

        def forget() -> None:
            keeper = self._find()
            if keeper.get_password(_SERVICE, name) is not None:
                keeper.delete_password(_SERVICE, name)

        self._within(forget)

    def _within(self, work: Callable[[], T]) -> T:
        """Return what ``work`` does on a thread of its own; raise KeychainUnavailable where it takes too long."""
        ended: Future[T] = Future()

        def run() -> None:
            try:
                with _mapped():
                    ended.set_result(work())
            except MotCuaError as error:
                ended.set_exception(error)

        with self._lock:
            if self._asked is not None and not self._asked.done():
                raise KeychainUnavailable("it waits for its password")
            # Not of a pool: the program must be able to end while nobody answers.
            threading.Thread(target=run, name="keychain", daemon=True).start()
            self._asked = ended
            try:
                return ended.result(self._patience_s)
            except TimeoutError:
                raise KeychainUnavailable("it waits for its password") from None


@contextmanager
def _mapped() -> Iterator[None]:
    """Map every exception of a backend, whose text may name what it holds."""
    try:
        yield
    except MotCuaError:
        raise
    except errors.KeyringLocked:
        raise KeychainUnavailable("locked") from None
    except (errors.NoKeyringError, errors.InitError):
        raise KeychainUnavailable("there is none") from None
    except Exception as error:
        # Each system's backend has errors of its own beside keyring's: of the bus, of the service, of a framework.
        gone = type(error).__name__ == "SecretServiceNotAvailableException"
        raise KeychainUnavailable("there is none" if gone else "it refuses") from None
