"""Alembic's entry: runs migrations on the connection that it is given."""

from advanced_alchemy.base import DefaultBase
from alembic import context

from adapters.databases.sql import rows  # noqa: F401 - declares the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=DefaultBase.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
