"""The clerks of the sandbox: invented people with made-up passwords, their roles, and what each role may ask for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.orm import Session

from mock_registers.asking import ask
from mock_registers.authorization.tables import ClerkRow

__all__ = ["INVENTED", "Clerk", "ClerkBook", "ClerkLogin", "one_time_code"]

# scrypt with 16 MB and about 50 ms a try (RFC 7914); the sandbox's people are few.
_COST = {"n": 2**14, "r": 8, "p": 1}
_STEP_S = 30

# Which purposes each role may ask for; a role without a list may ask for every one that a desk knows.
_ROLES: dict[str, frozenset[str] | None] = {
    "one-stop": None,
    "land": frozenset({"land-change-registration"}),
    "residence": frozenset({"permanent-residence"}),
    "information": frozenset({"citizen-information"}),
}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Hold who a clerk is and what they may do now."""

    clerk_id: str
    name: str
    roles: tuple[str, ...]
    active: bool = True

    def may(self, purpose: str) -> bool:
        """Tell whether one of the roles may ask for ``purpose``."""
        lists = [_ROLES[role] for role in self.roles if role in _ROLES]
        return self.active and any(allowed is None or purpose in allowed for allowed in lists)


@dataclass(frozen=True, slots=True, repr=False)
class ClerkLogin:
    """Hold what an invented clerk types: made at start, told to whoever started the sandbox, kept nowhere else."""

    clerk: Clerk
    password: str
    otp_secret: bytes

    @property
    def otp_text(self) -> str:
        """Return the secret as authenticator apps take it (base32)."""
        return base64.b32encode(self.otp_secret).decode("ascii")

    def one_time_code(self, now: float) -> str:
        """Return the code that an authenticator app would show at ``now``."""
        return one_time_code(self.otp_secret, now)


_CLERK = select(ClerkRow.clerk_id, ClerkRow.name, ClerkRow.roles, ClerkRow.active).where(
    ClerkRow.clerk_id == bindparam("clerk")
)

INVENTED = (
    Clerk("canbo.mau", "Nguyễn Thị Cán Bộ", ("one-stop",)),
    Clerk("canbo.haimau", "Trần Văn Cán Bộ", ("one-stop",)),
    Clerk("canbo.cutru", "Lê Thị Cư Trú", ("residence",)),
    Clerk("canbo.nghiviec", "Phạm Văn Nghỉ Việc", ("one-stop",), active=False),
)


def one_time_code(secret: bytes, now: float) -> str:
    """Return the six digits of RFC 6238 at ``now``."""
    return _totp(secret).generate(int(now)).decode("ascii")


class ClerkBook:
    """Keep clerks and judge what is typed for them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hire(self, clerks: Iterable[Clerk] = INVENTED) -> tuple[ClerkLogin, ...]:
        """Write clerks with new passwords, in place of what they had, and return what each must type."""
        logins = tuple(ClerkLogin(clerk, secrets.token_urlsafe(9), secrets.token_bytes(20)) for clerk in clerks)
        with Session(self._engine) as session, session.begin():
            for login in logins:
                session.merge(_row(login))
        return logins

    def find(self, clerk_id: str) -> Clerk | None:
        """Return the clerk of that id as they are now."""
        for row in ask(self._engine, _CLERK, {"clerk": clerk_id}):
            return Clerk(row.clerk_id, row.name, tuple(row.roles), row.active)
        return None

    def change(self, clerk_id: str, *, roles: Iterable[str] | None = None, active: bool | None = None) -> None:
        """Give other roles, or suspend and take back."""
        values: dict[str, object] = {}
        if roles is not None:
            values["roles"] = list(roles)
        if active is not None:
            values["active"] = active
        with Session(self._engine) as session, session.begin():
            session.execute(update(ClerkRow).where(ClerkRow.clerk_id == clerk_id).values(**values))

    def judge(self, clerk_id: str, password: str, otp: str | None, now: float) -> Clerk | None:
        """Return the clerk who typed all that, else None; nobody learns which part was wrong, nor from the time taken.

        ``otp`` is a one-time code where one is needed; each counts once.
        """
        with Session(self._engine) as session, session.begin():
            row = session.get(ClerkRow, clerk_id)
            salt, expected = (row.salt, row.password_hash) if row is not None else (bytes(16), bytes(32))
            right = hmac.compare_digest(_hash(password, salt), expected)
            if row is None or not right or not row.active:
                return None
            if otp is not None and not _take_code(row, otp, now):
                return None
            return Clerk(row.clerk_id, row.name, tuple(row.roles), row.active)


def _take_code(row: ClerkRow, otp: str, now: float) -> bool:
    """Tell whether ``otp`` is of this half minute or the one before, and later than the last one taken."""
    for step in (int(now) // _STEP_S, int(now) // _STEP_S - 1):
        expected = _totp(row.otp_secret).generate(step * _STEP_S)
        if step > row.last_otp_step and hmac.compare_digest(expected, otp.encode("utf-8")):
            row.last_otp_step = step
            return True
    return False


def _totp(secret: bytes) -> TOTP:
    # RFC 6238 with SHA-1, which is what authenticator apps assume; its collisions do not matter under HMAC.
    return TOTP(secret, 6, SHA1(), _STEP_S)  # noqa: S303 — prescribed by RFC 6238


def _row(login: ClerkLogin) -> ClerkRow:
    salt = secrets.token_bytes(16)
    clerk = login.clerk
    return ClerkRow(
        clerk_id=clerk.clerk_id,
        name=clerk.name,
        roles=list(clerk.roles),
        active=clerk.active,
        salt=salt,
        password_hash=_hash(login.password, salt),
        otp_secret=login.otp_secret,
        last_otp_step=0,
    )


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, dklen=32, **_COST)
