"""What Alembic runs for each of its commands: the revisions, on the connection that it is handed."""

from __future__ import annotations

from alembic import context

from mock_registers.schema import METADATA

__all__: list[str] = []

# The transaction, and the lock in it, belong to whoever asked (``mock_registers.migrating``).
context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
