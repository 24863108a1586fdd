"""The stable strings of the trust store: kinds of objects, what a change does to them, how trust stands in time."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Action", "FreshnessLevel", "ObjectKind"]


class ObjectKind(StrEnum):
    """Name the kinds of objects that can be installed."""

    AUTHORITY = "authority"
    SIGNER = "signer"
    MASTER_LIST = "master-list"
    REVOCATION_LIST = "revocation-list"
    DEVIATION_LIST = "deviation-list"
    DISTRUST = "distrust"
    REGISTER_KEYS = "register-keys"
    REGISTER_LISTS = "register-lists"
    ENROLMENT_AUTHORITIES = "enrolment-authorities"
    POLICY = "policy"
    REPOSITORY_ROOT = "repository-root"


class Action(StrEnum):
    """Tell what happens to a row; ``changed`` is another certificate of the same key, or another list of one State."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REFUSED = "refused"


class FreshnessLevel(StrEnum):
    """Tell how the trust stands in time."""

    CURRENT = "current"
    DUE = "due"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"
    NONE = "none"
