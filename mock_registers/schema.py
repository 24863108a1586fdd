"""All tables of the sandbox's database: every file of tables is named here once, and nowhere else.

Whoever needs tables declares them in a file ``mock_registers/…tables.py`` on ``mock_registers.tables.Base``, adds it to
``_FILES``, and writes a migration beside the others in ``mock_registers/migrations/versions``. The test of the
migrations fails until that is done, and its message is the migration that is missing.
"""

from __future__ import annotations

from sqlalchemy import MetaData

from mock_registers import (
    enrolment_tables,
    fill_tables,
    housing_tables,
    idempotency_tables,
    presence_tables,
    promise_tables,
    tables,
)
from mock_registers.authorization import tables as authorization_tables

__all__ = ["METADATA"]

# Importing a file is what puts its tables on the base.
_FILES = (
    tables,
    fill_tables,
    idempotency_tables,
    enrolment_tables,
    housing_tables,
    authorization_tables,
    promise_tables,
    presence_tables,
)

METADATA: MetaData = _FILES[0].Base.metadata
