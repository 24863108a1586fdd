"""How the tables came to be, one revision after another (Alembic); ``mock_registers.migrating`` runs them.

May call: Alembic and SQLAlchemy, nothing of this project but ``mock_registers.schema`` in ``env``: a revision describes
the tables as they were then, and must not change with them.
"""
