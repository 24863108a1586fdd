"""The keys of a sandbox: made for one start, or kept in a folder, so that a desk's settings hold from start to start.

They are test keys, lie in the clear and protect nothing; still nobody else on the machine is to read them, or could
answer in the sandbox's name. One file holds all of them, so that they are whole or not there.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from pydantic import BaseModel, ConfigDict, ValidationError

from auth.device.messages import ENROLMENT
from auth.device_opener import SoftwareOpener
from auth.lock_file import held
from auth.whole_file import write_secret
from mock_registers.authority import TestAuthority
from mock_registers.faults import REGISTERS
from mock_registers.keys import SandboxKey
from mock_registers.presence import PRESENCE
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["KEYS_FILE", "SandboxKeys", "kept_keys", "new_keys"]

KEYS_FILE = "TEST-keys.json"
_LOCK = "lock"
_LIMIT = 65_536
_SIGNING, _OPENING = (*REGISTERS, PRESENCE, ENROLMENT), (*REGISTERS, PRESENCE)
# A year, since what is kept is in somebody's settings; renewed a day early, so that it does not end under a server.
_LIFETIME, _EARLY = timedelta(days=365), timedelta(days=1)


@dataclass(frozen=True, slots=True, repr=False)
class SandboxKeys:
    """Hold the authority of the TLS, and by the names of services what each signs with and opens with."""

    authority: TestAuthority
    signing: Mapping[str, SandboxKey]
    opening: Mapping[str, SoftwareOpener]


class _Kept(BaseModel):
    """Hold what the file does: private keys (PKCS#8) and a certificate, all of them PEM."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    about: Literal["TEST keys of mock-registers; they protect nothing"]
    authority_key: str
    authority_certificate: str
    signing: dict[str, str]
    opening: dict[str, str]


def new_keys() -> SandboxKeys:
    """Make keys that end with the process."""
    return SandboxKeys(
        TestAuthority(),
        {name: SandboxKey() for name in _SIGNING},
        {name: SoftwareOpener.generate() for name in _OPENING},
    )


def kept_keys(folder: Path, now: datetime, tell: Callable[[str], None]) -> SandboxKeys:
    """Return the keys that ``folder`` keeps; make what it does not hold yet, and an authority whose time is over.

    Of the latter ``tell`` gets a word. Of several that begin at once over one folder one makes the keys, and all have
    them. Raise ValueError for a file that is damaged or that others can read, which then stays as it is; OSError where
    the folder cannot be written.
    """
    with _alone(folder):
        file = folder / KEYS_FILE
        before = _read(file)
        try:
            after = _completed(before, now)
            keys = _opened(after)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise _damaged(file) from None
        if after != before:
            write_secret(file, after.model_dump_json(indent=1).encode())
    if before is not None and after.authority_certificate != before.authority_certificate:
        tell(f"the TLS authority in {file} was out of its time and is made anew: desks need its new tls_anchors")
    return keys


def _completed(before: _Kept | None, now: datetime) -> _Kept:
    """Return what is to be kept; raise ValueError, or TypeError for a key under a passphrase, where one is none."""
    signing, opening = (dict(before.signing), dict(before.opening)) if before is not None else ({}, {})
    for names, kept in ((_SIGNING, signing), (_OPENING, opening)):
        for name in names:
            kept.setdefault(name, _new_pem())
    pems = (before.authority_key, before.authority_certificate) if before is not None else None
    if pems is None or TestAuthority.from_pems(*pems).ends - _EARLY <= now:
        pems = TestAuthority(lifetime=_LIFETIME, now=now).to_pems()
    return _Kept(
        about="TEST keys of mock-registers; they protect nothing",
        authority_key=pems[0],
        authority_certificate=pems[1],
        signing=signing,
        opening=opening,
    )


def _opened(kept: _Kept) -> SandboxKeys:
    """Return the keys; raise as ``_completed`` does."""
    return SandboxKeys(
        TestAuthority.from_pems(kept.authority_key, kept.authority_certificate),
        {name: SandboxKey(_key(kept.signing[name])) for name in _SIGNING},
        {name: SoftwareOpener(_key(kept.opening[name])) for name in _OPENING},
    )


def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not on P-256")
    return key


def _new_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _damaged(file: Path) -> ValueError:
    return ValueError(f"{file} is damaged: put a copy of it back, or move it away to have new keys made")


def _read(file: Path) -> _Kept | None:
    """Return what is kept, None where nothing is yet; raise ValueError."""
    try:
        found = file.lstat()
    except FileNotFoundError:
        return None
    if os.name == "posix" and stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
        raise ValueError(f"{file} is open to others on this machine: chmod 600 it, or move it away")
    try:
        return _Kept.model_validate_json(read_bounded_file(file, _LIMIT))
    except (DataError, ValidationError):
        raise _damaged(file) from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold ``folder``, made where there is none; whoever comes meanwhile waits."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(folder / _LOCK, math.inf, 0o600):
        yield
