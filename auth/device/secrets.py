"""Where a PIN or a passphrase comes from: a file, a descriptor or a prompt, never the command line or environment."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from auth.device.errors import PassphraseRefused, SecretFileUnsafe

__all__ = ["MAX_SECRET", "Secret", "secret_from_descriptor", "secret_from_file", "secret_from_prompt"]

MAX_SECRET = 1_024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Secret:
    """Hold a PIN or a passphrase so that no repr, no log and no exception shows it; ``ask`` is called once at most."""

    def __init__(self, ask: Callable[[], bytes]) -> None:
        self._ask: Callable[[], bytes] | None = ask
        self._value = b""

    def __repr__(self) -> str:
        """Show that it is one, and nothing of it."""
        return "Secret(…)"

    def reveal(self) -> bytes:
        """Return the secret, asking for it the first time; raise PassphraseRefused for an empty or endless one."""
        if self._ask is not None:
            ask, self._ask = self._ask, None
            self._value = ask()
        if not self._value or len(self._value) > MAX_SECRET:
            raise PassphraseRefused("no secret was given")
        return self._value

    def forget(self) -> None:
        """Let go of it; ``reveal`` raises from now on."""
        self._ask, self._value = None, b""


def secret_from_file(path: Path) -> Secret:
    """Return the first line of a file that only its owner can read; ``reveal`` raises SecretFileUnsafe otherwise."""

    def read() -> bytes:
        try:
            with path.open("rb") as stream:
                if os.name == "posix" and os.fstat(stream.fileno()).st_mode & _OTHERS:
                    raise SecretFileUnsafe("others can read it")
                return _first_line(stream.read(MAX_SECRET + 2))
        except OSError:
            raise SecretFileUnsafe("it cannot be read") from None

    return Secret(read)


def secret_from_descriptor(descriptor: int) -> Secret:
    """Return what comes from an open descriptor, such as a pipe, up to its first line's end; it is closed after."""

    def read() -> bytes:
        try:
            with os.fdopen(descriptor, "rb") as stream:
                return _first_line(stream.read(MAX_SECRET + 2))
        except OSError:
            raise SecretFileUnsafe("the descriptor cannot be read") from None

    return Secret(read)


def secret_from_prompt(prompt: Callable[[], str]) -> Secret:
    """Return what a person types when it is needed."""
    return Secret(lambda: prompt().encode("utf-8"))


def _first_line(raw: bytes) -> bytes:
    return raw.partition(b"\n")[0].removesuffix(b"\r")
