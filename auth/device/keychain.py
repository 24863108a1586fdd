"""The border to the system's keychain: only those that keep a secret, and their exceptions mapped once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from keyring import errors, get_keyring
from keyring.backends import chainer

from auth.device.errors import KeychainInsecure, KeychainUnavailable

__all__ = ["Keychain", "PasswordKeeper", "judge_backend"]

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
    if module == "keyring.backends.fail":
        raise KeychainUnavailable("there is none")
    if module not in _SECRET_KEEPERS:
        raise KeychainInsecure(f"{module}.{type(backend).__name__}"[:100])
    return backend


def _of_system() -> PasswordKeeper:
    return judge_backend(get_keyring())


class Keychain:
    """Keep short secrets in the system's keychain, which is looked for when it is first needed."""

    def __init__(self, find: Callable[[], PasswordKeeper] = _of_system) -> None:
        self._find = find

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none; raise KeychainUnavailable or KeychainInsecure."""
        with _mapped():
            return self._find().get_password(_SERVICE, name)

    def put(self, name: str, secret: str) -> None:
        """Keep a secret; raise KeychainUnavailable or KeychainInsecure."""
        with _mapped():
            self._find().set_password(_SERVICE, name, secret)

    def remove(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already. Raise KeychainUnavailable otherwise."""
        with _mapped():
            keeper = self._find()
            if keeper.get_password(_SERVICE, name) is not None:
                keeper.delete_password(_SERVICE, name)


@contextmanager
def _mapped() -> Iterator[None]:
    """Map every exception of a backend, whose text may name what it holds."""
    try:
        yield
    except errors.KeyringLocked:
        raise KeychainUnavailable("locked") from None
    except (errors.NoKeyringError, errors.InitError):
        raise KeychainUnavailable("there is none") from None
    except (errors.KeyringError, OSError, RuntimeError):
        raise KeychainUnavailable("it refuses") from None
