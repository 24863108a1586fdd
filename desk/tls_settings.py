"""The settings by which a server's TLS certificate may be found revoked, and by which this office shows its own.

The key of a client certificate is encrypted, always. Its passphrase comes from where the device's own may come from: a
file that its owner alone can read, or the system's keychain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

# What these settings lead to is imported when it is needed: a clerk's window must not wait for certificates.
if TYPE_CHECKING:
    from auth.device.keychain import Keychain
    from auth.wire.client_certificate import ClientCertificate
    from auth.wire.revocation import RevocationSource

__all__ = ["ClientCertificateSettings", "ListFiles", "anchor_tls_paths", "lists_of"]

ListFiles = Annotated[tuple[Path, ...], Field(max_length=8)]
_FILES = ("certificate_file", "key_file", "passphrase_file")


class ClientCertificateSettings(BaseModel):
    """The certificate (PEM, with what leads to its authority) and its key (PKCS#8 PEM, encrypted).

    The passphrase stands in ``passphrase_file``, or in the system's keychain under the name ``keychain``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    certificate_file: Path
    key_file: Path
    passphrase_file: Path | None = None
    keychain: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _one_place(self) -> ClientCertificateSettings:
        if (self.passphrase_file is None) is (self.keychain == ""):
            raise ValueError("a passphrase_file, or the name in the keychain")
        return self

    def certificate(self, keychain: Callable[[], Keychain] | None = None) -> ClientCertificate:
        """Return the certificate; nothing is read yet. ``keychain`` makes the system's keychain."""
        from auth.wire.client_certificate import ClientCertificate

        if self.passphrase_file is not None:
            get = partial(_out_of_file, self.passphrase_file)
        else:
            get = partial(_out_of_keychain, self.keychain, cache(keychain or _system_keychain))
        return ClientCertificate(self.certificate_file, self.key_file, get)


def _out_of_file(file: Path) -> bytes:
    """Return the passphrase, read anew each time: the file may be replaced while the desk is open."""
    from auth.device.secrets import secret_from_file

    return secret_from_file(file).reveal()


def _out_of_keychain(name: str, keychain: Callable[[], Keychain]) -> bytes:
    from auth.device.errors import PassphraseRefused
    from auth.device.secrets import Secret

    kept = keychain().get(name)
    if kept is None:
        raise PassphraseRefused("not in the keychain")
    return Secret(kept.encode).reveal()


def _system_keychain() -> Keychain:
    from auth.device.keychain import Keychain

    return Keychain()


def lists_of(files: tuple[Path, ...]) -> RevocationSource | None:
    """Return what reads the lists of ``files``, None where there are none."""
    if not files:
        return None
    from auth.wire.revocation import FileLists

    return FileLists(files)


def anchor_tls_paths(table: dict[str, Any], folder: Path) -> None:
    """Have relative paths of one server's table start at ``folder``."""
    lists, certificate = table.get("tls_crls"), table.get("client_certificate")
    if isinstance(lists, list):
        table["tls_crls"] = [folder / file if isinstance(file, str) else file for file in lists]
    if isinstance(certificate, dict):
        for name in _FILES:
            if isinstance(certificate.get(name), str):
                certificate[name] = folder / certificate[name]
