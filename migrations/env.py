"""Alembic's entry: one transaction a revision, as the owner of the schema, one migrator at a time.

Waits for locks a few seconds only, so that a migration never queues the whole application behind itself.
"""

import os

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from bookvalue.storage.tables import SCHEMA, metadata

MIGRATION_LOCK = 0x626F6F6B  # "book"


def run(connection: Connection) -> None:
    connection.execute(text(f"SET ROLE {SCHEMA}_owner"))
    connection.execute(text(f"SET search_path = {SCHEMA}"))
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.commit()  # for the session: each revision has its own transaction
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})  # over all revisions
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == SCHEMA,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text("RESET ALL"))
    connection.execute(text("RESET ROLE"))
    connection.commit()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool).connect() as own:
        run(own)
