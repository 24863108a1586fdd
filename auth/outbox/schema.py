"""The tables of the outbox, and how an older file becomes a present one. There is no way back: that is refused."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LATEST", "SCHEMA", "UPGRADES"]

LATEST = 3

SCHEMA: tuple[str, ...] = (
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE seal (id INTEGER PRIMARY KEY CHECK (id = 1), device TEXT NOT NULL, key BLOB NOT NULL, "
    "digest BLOB NOT NULL) STRICT",
    "CREATE TABLE item (number INTEGER PRIMARY KEY, state TEXT NOT NULL, register TEXT NOT NULL, "
    "dossier BLOB NOT NULL, clerk BLOB NOT NULL, effect BLOB NOT NULL UNIQUE, due REAL NOT NULL, "
    "expires REAL NOT NULL, sealed BLOB NOT NULL) STRICT",
    "CREATE INDEX by_dossier ON item (dossier, number)",
    "CREATE INDEX by_state ON item (state, number)",
    "CREATE INDEX by_expiry ON item (expires)",
    "CREATE TABLE payload (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE answer (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE pending (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
)

# From each version to the next. In version 1 what had expired was looked for row by row; up to version 2 the head did
# not say which log it knew, by its root, and a program that knows no more than that would send what waits for a yes
# without one.
UPGRADES: Mapping[int, tuple[str, ...]] = {1: ("CREATE INDEX by_expiry ON item (expires)",), 2: ()}
