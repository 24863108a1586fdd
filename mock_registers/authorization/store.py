"""What the authorization server must not forget: requests, codes and tokens, each to be used once.

Whoever marks a code or a token used first has it; a second one finds it used, also in another process.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, bindparam, delete, select, update
from sqlalchemy.orm import Session

from auth.wire.jwt import base64url
from mock_registers.asking import ask
from mock_registers.authorization.clerks import Clerk
from mock_registers.authorization.tables import ClerkRow, CodeRow, DeviceCodeRow, FamilyRow, RefreshRow, SignInRow
from mock_registers.gate import EnrolledDevice
from mock_registers.tables import Base

__all__ = ["Family", "Pushed", "Redeemed", "Standing", "TokenStore", "Waiting", "key_of", "new_secret"]

_TABLES = (SignInRow, FamilyRow, CodeRow, RefreshRow, DeviceCodeRow)
_USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 §6.1: no vowels, so no words


@dataclass(frozen=True, slots=True)
class Pushed:
    """Hold one request that a device pushed."""

    key: str
    device_id: str
    key_id: str
    parameters: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Family:
    """Hold one sign-in: whose, at which device, when and how, and for which purposes."""

    family: str
    device_id: str
    thumbprint: str
    clerk_id: str
    details: tuple[dict[str, Any], ...]
    nonce: str
    acr: str
    auth_time: int
    expires: float
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how a sign-in stands at this moment, and its clerk as they are now, None for one who is there no more."""

    clerk_id: str
    ended: bool
    clerk: Clerk | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Hold what a code was good for; ``again`` where it had been used before."""

    family: str
    challenge: str
    redirect_uri: str
    expires: float
    again: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold one device code and how it stands."""

    key: str
    user_code: str
    device_id: str
    key_id: str
    parameters: dict[str, Any]
    expires: float
    interval: int
    polled: float
    state: str
    family: str


_FAMILY_FIELDS = tuple(field.name for field in fields(Family))
_FAMILY = select(*(getattr(FamilyRow, name) for name in _FAMILY_FIELDS)).where(FamilyRow.family == bindparam("name"))
_STANDING = (
    select(FamilyRow.clerk_id, FamilyRow.ended, ClerkRow.name, ClerkRow.roles, ClerkRow.active)
    .join_from(FamilyRow, ClerkRow, ClerkRow.clerk_id == FamilyRow.clerk_id, isouter=True)
    .where(FamilyRow.family == bindparam("name"))
)
_WAITING_FIELDS = tuple(field.name for field in fields(Waiting))


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def key_of(secret: str) -> str:
    """Return the name under which a secret is kept: its hash."""
    return base64url(hashlib.sha256(secret.encode("utf-8")).digest())


class TokenStore:
    """Keep all of it in the sandbox's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def forget_expired(self, now: float) -> None:
        """Delete what counts no more; a family stays a day, so that its late tokens are known for what they are."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(SignInRow).where(SignInRow.expires < now))
            session.execute(delete(CodeRow).where(CodeRow.expires < now - 86_400))
            session.execute(delete(DeviceCodeRow).where(DeviceCodeRow.expires < now))
            gone = select(FamilyRow.family).where(FamilyRow.expires < now - 86_400)
            session.execute(delete(RefreshRow).where(RefreshRow.family.in_(gone)))
            session.execute(delete(FamilyRow).where(FamilyRow.expires < now - 86_400))

    def push(self, secret: str, device: EnrolledDevice, parameters: dict[str, Any], expires: float) -> None:
        """Keep a pushed request under its secret."""
        self._add(SignInRow(key=key_of(secret), **_asking(device), parameters=parameters, expires=expires))

    def pushed(self, secret: str, now: float) -> Pushed | None:
        """Return the request that is still open under ``secret``."""
        with Session(self._engine) as session:
            row = session.get(SignInRow, key_of(secret))
            if row is None or row.done or row.expires <= now:
                return None
            return Pushed(row.key, row.device_id, row.key_id, row.parameters, row.attempts)

    def count_attempt(self, key: str) -> None:
        """Count one wrong password for a request."""
        self._update(update(SignInRow).where(SignInRow.key == key).values(attempts=SignInRow.attempts + 1))

    def finish(self, key: str) -> bool:
        """Close a request; False where somebody was quicker."""
        return self._update(update(SignInRow).where(SignInRow.key == key, SignInRow.done.is_(False)).values(done=True))

    def begin_family(self, family: Family) -> None:
        """Keep a sign-in."""
        values = {name: getattr(family, name) for name in _FAMILY_FIELDS}
        self._add(FamilyRow(**{**values, "details": list(family.details)}))

    def family(self, name: str) -> Family | None:
        """Return a sign-in as it stands."""
        for row in ask(self._engine, _FAMILY, {"name": name}):
            return Family(**{**row._mapping, "details": tuple(row.details)})
        return None

    def standing(self, name: str) -> Standing | None:
        """Return how a sign-in and its clerk stand: what every look-up asks, and no more than that."""
        for row in ask(self._engine, _STANDING, {"name": name}):
            clerk = Clerk(row.clerk_id, row.name, tuple(row.roles), row.active) if row.name is not None else None
            return Standing(row.clerk_id, row.ended, clerk)
        return None

    def end_family(self, name: str) -> None:
        """End a sign-in: nothing that came of it counts any more."""
        self._update(update(FamilyRow).where(FamilyRow.family == name).values(ended=True))

    def save_code(self, code: str, family: str, challenge: str, redirect_uri: str, expires: float) -> None:
        """Keep a code."""
        row = CodeRow(key=key_of(code), family=family, challenge=challenge, redirect_uri=redirect_uri, expires=expires)
        self._add(row)

    def redeem_code(self, code: str) -> Redeemed | None:
        """Use a code up and return what it was good for."""
        key = key_of(code)
        fresh = self._update(update(CodeRow).where(CodeRow.key == key, CodeRow.used.is_(False)).values(used=True))
        with Session(self._engine) as session:
            row = session.get(CodeRow, key)
            if row is None:
                return None
            return Redeemed(row.family, row.challenge, row.redirect_uri, row.expires, again=not fresh)

    def save_refresh(self, token: str, family: str) -> None:
        """Keep a refresh token."""
        self._add(RefreshRow(key=key_of(token), family=family))

    def family_of_refresh(self, token: str) -> str | None:
        """Return the family of a refresh token, used or not."""
        with Session(self._engine) as session:
            row = session.get(RefreshRow, key_of(token))
            return None if row is None else row.family

    def use_refresh(self, token: str) -> bool:
        """Use a refresh token up; False where it had been used before."""
        key = key_of(token)
        statement = update(RefreshRow).where(RefreshRow.key == key, RefreshRow.used.is_(False))
        return self._update(statement.values(used=True))

    def wait_for_device(self, secret: str, device: EnrolledDevice, parameters: dict[str, Any], expires: float) -> str:
        """Keep a device code and return the user code beside it."""
        letters = "".join(secrets.choice(_USER_CODE_LETTERS) for _ in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        self._add(
            DeviceCodeRow(
                key=key_of(secret),
                user_code=user_code,
                **_asking(device),
                parameters=parameters,
                expires=expires,
                interval=5,
            )
        )
        return user_code

    def device_code(self, secret: str) -> Waiting | None:
        """Return a device code as it stands."""
        with Session(self._engine) as session:
            return _waiting(session.get(DeviceCodeRow, key_of(secret)))

    def of_user_code(self, user_code: str, now: float) -> Waiting | None:
        """Return the device code that waits for a clerk under ``user_code``."""
        query = select(DeviceCodeRow).where(DeviceCodeRow.user_code == user_code, DeviceCodeRow.state == "waiting")
        with Session(self._engine) as session:
            return _waiting(session.scalars(query.where(DeviceCodeRow.expires > now)).one_or_none())

    def polled(self, key: str, now: float, interval: int) -> None:
        """Remember when a device asked last and how long it must wait from now on."""
        self._update(update(DeviceCodeRow).where(DeviceCodeRow.key == key).values(polled=now, interval=interval))

    def settle(self, key: str, before: str, after: str, family: str = "") -> bool:
        """Bring a device code from one state to another; False where it was in a third."""
        statement = update(DeviceCodeRow).where(DeviceCodeRow.key == key, DeviceCodeRow.state == before)
        values = {"state": after, **({"family": family} if family else {})}
        return self._update(statement.values(**values))

    def _add(self, row: Base) -> None:
        with Session(self._engine) as session, session.begin():
            session.add(row)

    def _update(self, statement: Any) -> bool:
        with Session(self._engine) as session, session.begin():
            return bool(session.connection().execute(statement).rowcount)


def _asking(device: EnrolledDevice) -> dict[str, str]:
    return {"device_id": device.device_id, "key_id": device.key_id}


def _waiting(row: DeviceCodeRow | None) -> Waiting | None:
    if row is None:
        return None
    return Waiting(**{name: getattr(row, name) for name in _WAITING_FIELDS})
