"""What can go wrong with the trust store and its distribution, as one branch of the tree in ``reader.errors``.

TrustError                     trust-trouble
├─ NoOperators                 trust-no-operators      the store has no root of trust yet
├─ OperatorsExist              trust-operators-exist   the store has one, and another may not take its place
├─ OperatorKeyRefused          trust-key-refused       a key file that is damaged, unprotected or nobody's
├─ ChangeDamaged               trust-change-damaged    a change file that cannot be read or was altered
├─ ChangeUnsigned              trust-change-unsigned   fewer good signatures than the operators agreed on
├─ ChangeOutdated              trust-change-outdated   made for another state of the store than today's
├─ NothingToChange             trust-nothing-new       everything offered is installed, or was refused
├─ StoreDamaged                trust-store-damaged     a file of the store is not what was sealed
├─ StoreBusy                   trust-store-busy        another process is changing the store
├─ StoreUnwritable             trust-store-unwritable  the folder cannot be written
└─ RepositoryError             trust-repository-trouble
    ├─ RepositoryUnreachable   trust-repository-unreachable
    ├─ RepositoryTimeout       trust-repository-timeout
    ├─ RepositoryUntrusted     trust-repository-untrusted   signature, threshold, version or hash
    ├─ RepositoryExpired       trust-repository-expired     metadata beyond its date: a freeze, or a publisher asleep
    └─ RepositoryUnknown       trust-repository-unknown     no root of a repository was ever enrolled here
"""

from __future__ import annotations

from reader.errors import MotCuaError

__all__ = [
    "ChangeDamaged",
    "ChangeOutdated",
    "ChangeUnsigned",
    "NoOperators",
    "NothingToChange",
    "OperatorKeyRefused",
    "OperatorsExist",
    "RepositoryError",
    "RepositoryExpired",
    "RepositoryTimeout",
    "RepositoryUnknown",
    "RepositoryUnreachable",
    "RepositoryUntrusted",
    "StoreBusy",
    "StoreDamaged",
    "StoreUnwritable",
    "TrustError",
]


class TrustError(MotCuaError):
    """Say that the trust store, or a change of it, is not as it must be; ``why`` is a short stable string."""

    code = "trust-trouble"

    def __init__(self, why: str = "") -> None:
        super().__init__(why or self.code)
        self.why = why


class NoOperators(TrustError):
    """Say that nobody was enrolled as an operator of this store yet."""

    code = "trust-no-operators"


class OperatorsExist(TrustError):
    """Say that the store has operators: only they can let others in."""

    code = "trust-operators-exist"


class OperatorKeyRefused(TrustError):
    """Say that a key file cannot be used."""

    code = "trust-key-refused"


class ChangeDamaged(TrustError):
    """Say that a change file cannot be read, or does not hold what was signed."""

    code = "trust-change-damaged"


class ChangeUnsigned(TrustError):
    """Say that ``have`` of the ``need`` signatures are there."""

    code = "trust-change-unsigned"

    def __init__(self, have: int, need: int) -> None:
        super().__init__(f"{have} of {need} signatures")
        self.have = have
        self.need = need


class ChangeOutdated(TrustError):
    """Say that the store has changed since the change was made."""

    code = "trust-change-outdated"


class NothingToChange(TrustError):
    """Say that nothing would be different afterwards; ``diff`` holds what was refused, where something was offered."""

    code = "trust-nothing-new"

    def __init__(self, why: str = "", diff: object = None) -> None:
        super().__init__(why)
        self.diff = diff


class StoreDamaged(TrustError):
    """Say that a file of the store is missing or is not what was sealed."""

    code = "trust-store-damaged"


class StoreBusy(TrustError):
    """Say that another process holds the store's lock."""

    code = "trust-store-busy"


class StoreUnwritable(TrustError):
    """Say that the store's folder cannot be written."""

    code = "trust-store-unwritable"


class RepositoryError(TrustError):
    """Say that an update from the repository did not come about; the store is as it was."""

    code = "trust-repository-trouble"


class RepositoryUnreachable(RepositoryError):
    """Say that the repository, or a file that it must have, is not there."""

    code = "trust-repository-unreachable"


class RepositoryTimeout(RepositoryError):
    """Say that the update was not complete within its total deadline."""

    code = "trust-repository-timeout"


class RepositoryUntrusted(RepositoryError):
    """Say that signatures, versions or hashes do not hold: an attack, or a publisher's mistake."""

    code = "trust-repository-untrusted"


class RepositoryExpired(RepositoryError):
    """Say that the repository's metadata are beyond their date."""

    code = "trust-repository-expired"


class RepositoryUnknown(RepositoryError):
    """Say that this store was never told by which root it shall know the repository."""

    code = "trust-repository-unknown"
