"""How long a statement waits for what somebody else holds."""

from sqlalchemy import Text, bindparam, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import is_postgres
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared

_WAITING = Prepared(
    select(
        func.set_config(
            literal_column("'lock_timeout'"),
            bindparam("milliseconds", type_=Text()),
            literal_column("true"),
        )
    )
)


async def wait_for_locks(connection: AsyncConnection, seconds: float) -> None:
    """How long a statement of this transaction may wait for a lock; 0 for as long as it may run."""
    if is_postgres(connection):
        # SQLite has one lock, and whoever has begun to write has it
        await rows_of(connection, _WAITING, {"milliseconds": str(round(seconds * 1000))})
