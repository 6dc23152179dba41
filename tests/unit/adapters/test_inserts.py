"""An INSERT that leaves out what clashes says so, and is compiled once."""

from typing import cast

import pytest
from sqlalchemy import Dialect, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.databases.sql.inserts import insert, insert_if_free
from adapters.databases.sql.rows import SUPPRESSED

POSTGRES, SQLITE = postgresql.dialect(), sqlite.dialect()  # type: ignore[no-untyped-call]


class Connected:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect


@pytest.mark.parametrize("dialect", [POSTGRES, SQLITE], ids=lambda dialect: dialect.name)
def test_it_says_what_sqlalchemy_says(dialect: Dialect) -> None:
    connection = cast("AsyncConnection", Connected(dialect))
    values = {"digest": bindparam("digest", type_=SUPPRESSED.c.digest.type)}

    ours = insert_if_free(connection, SUPPRESSED).values(values).returning(SUPPRESSED.c.digest)
    theirs = insert(connection, SUPPRESSED).values(values).on_conflict_do_nothing()

    told = str(theirs.returning(SUPPRESSED.c.digest).compile(dialect=dialect))
    assert str(ours.compile(dialect=dialect)) == told
    assert "ON CONFLICT DO NOTHING" in told


@pytest.mark.parametrize("dialect", [POSTGRES, SQLITE], ids=lambda dialect: dialect.name)
def test_two_of_one_text_have_one_key(dialect: Dialect) -> None:
    connection = cast("AsyncConnection", Connected(dialect))

    keys = [
        insert_if_free(connection, SUPPRESSED).values(digest=digest)._generate_cache_key()
        for digest in (b"one", b"another")
    ]

    assert keys[0] is not None
    assert keys[0] == keys[1]


async def test_it_is_compiled_once_and_leaves_out_what_is_there() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    compiled: dict[object, object] = {}
    added = 0
    async with engine.begin() as connection:
        await connection.run_sync(SUPPRESSED.create)
        await connection.execution_options(compiled_cache=compiled)
        for digest in (b"one", b"one", b"another"):
            adding = insert_if_free(connection, SUPPRESSED).values(digest=digest)
            added += (await connection.execute(adding)).rowcount
    await engine.dispose()

    assert added == 2
    assert len(compiled) == 1
