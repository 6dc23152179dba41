"""A row that is marked as deleted is not seen any more, and its address is free again."""

import pytest
from sqlalchemy import text

from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.errors import LeadChanged
from domain.lead import Lead
from tests.builders import NOW
from tests.contracts.databases.recording import stored


async def deleted(database: SqlDatabase) -> Lead:
    lead = await stored(database)
    async with database() as work:
        await work.leads._connection.execute(
            text("UPDATE leads SET deleted_at = created_at WHERE deleted_at IS NULL")
        )
    return lead


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


async def test_a_deleted_lead_is_neither_read_nor_listed_nor_matched(url: str) -> None:
    database = SqlDatabase(url)
    lead = await deleted(database)

    async with database(reads_only=True) as work:
        assert await work.leads.get(lead.id) is None
        assert list(await work.leads.page(10, None)) == []
        assert list(await work.leads.matching(lead.source, [], [lead.email_key])) == []

    await database.close()


async def test_a_deleted_lead_is_not_changed(url: str) -> None:
    database = SqlDatabase(url)
    lead = await deleted(database)

    with pytest.raises(LeadChanged):
        async with database() as work:
            await work.leads.save(lead.awaiting_summary(NOW))

    await database.close()


async def test_the_address_of_a_deleted_lead_is_free(url: str) -> None:
    database = SqlDatabase(url)
    await deleted(database)

    await stored(database)

    await database.close()
