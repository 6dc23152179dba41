"""What stands in the table of whom sources may not bring back, and who shares it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, text

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.rows import SUPPRESSED
from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.suppression import marks_of
from tests.builders import a_lead

LEAD = a_lead(email="ada@example.com", source="fair", external_id="id-of-ada")


@pytest.fixture
async def database(url: str) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(url)
    async with database() as work:
        await work.suppressed.add(LEAD)
    yield database
    await database.close()


async def test_nobody_can_be_read_out_of_the_table(database: SqlDatabase, url: str) -> None:
    engine = build_engine(url)
    async with engine.begin() as connection:
        whole = (await connection.execute(text("SELECT * FROM suppressed"))).all()
        digests = (await connection.execute(select(SUPPRESSED.c.digest))).scalars().all()
    await engine.dispose()

    assert len(digests) == len(marks_of(LEAD)) == 2
    assert {len(digest) for digest in digests} == {64}
    # nor can whoever guesses an address find out that it is there
    assert not {sha256(mark.encode()).hexdigest() for mark in marks_of(LEAD)} & set(digests)
    assert not any(part in str(whole) for part in ("example", "fair", "id-of"))


async def test_each_database_hides_them_under_a_key_of_its_own(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "other"):
        await upgrade(f"sqlite:///{tmp_path}/{name}.db")
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as file:
            keys += file.execute("SELECT key FROM suppression_key").fetchall()

    assert len({key for (key,) in keys}) == 2
    assert {len(key) for (key,) in keys} == {32}


async def test_all_processes_know_whom_one_of_them_suppressed(
    database: SqlDatabase, url: str
) -> None:
    other = SqlDatabase(url)
    async with other() as work:
        found = await work.suppressed.among([LEAD])
        await work.suppressed.lift([LEAD])
    await other.close()

    async with database(reads_only=True) as work:
        assert (found, await work.suppressed.among([LEAD])) == ({LEAD.id}, set())
