"""Lists of leads: filtered, searched and sorted alike everywhere, and walked while they change."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from domain.lead import Lead, SummaryStatus
from domain.lead_fields import LeadStatus
from domain.lead_list import ALL_LEADS, LeadFilter, LeadSort
from domain.ports import Position
from tests.builders import NOW, a_basis, a_lead, an_insight
from tests.contracts.databases.recording import Database, stored

HOUR = timedelta(hours=1)
MANY = 100
NAMES = ["ada", "Bob", "\u00c4da", "Zo\u00eb", "zoe", "\U0001f600", "\uff41da", "Ada", "b", "Bob"]


async def listed(
    database: Database, wanted: LeadFilter = ALL_LEADS, sort: LeadSort = LeadSort.NEWEST
) -> Sequence[Lead]:
    async with database(reads_only=True) as work:
        return await work.leads.page(100, None, wanted, sort)


async def found(database: Database, q: str) -> set[str]:
    return {lead.name for lead in await listed(database, LeadFilter(q=q))}


async def some_leads(database: Database) -> list[Lead]:
    return [
        await stored(
            database,
            name=name,
            email=f"lead{n}@example.com",
            created_at=NOW + HOUR * (n // 3),
            updated_at=NOW - HOUR * (n % 4),
        )
        for n, name in enumerate(NAMES)
    ]


class ListsContract:
    async def test_a_shaped_page_is_the_page_in_another_shape(self, database: Database) -> None:
        leads = await some_leads(database)
        told = leads[0].awaiting_summary(NOW).summarized(an_insight(), a_basis(), NOW)
        async with database() as work:
            await work.leads.save(leads[0].awaiting_summary(NOW))
            await work.leads.save(told)

        async with database(reads_only=True) as work:
            page = await work.leads.page(5, None, ALL_LEADS, LeadSort.OLDEST)
            shaped = await work.leads.shaped_page(
                Lead.of_values, 5, None, ALL_LEADS, LeadSort.OLDEST
            )

        assert list(shaped) == list(page)
        assert told in page

    @pytest.mark.parametrize(
        "wanted",
        [
            LeadFilter(status=LeadStatus.QUALIFIED),
            LeadFilter(source="fair"),
            LeadFilter(summary_status=SummaryStatus.FAILED),
            LeadFilter(q="wanted"),
            LeadFilter(created_after=NOW + HOUR),
            LeadFilter(created_before=NOW - HOUR),
            LeadFilter(updated_after=NOW + HOUR),
        ],
    )
    async def test_a_filter_shows_what_it_names_and_nothing_else(
        self, database: Database, wanted: LeadFilter
    ) -> None:
        given: dict[str, dict[str, object]] = {
            "status": {"status": "qualified"},
            "source": {"source": "fair"},
            "summary_status": {"summary_status": SummaryStatus.FAILED},
            "q": {"name": "The wanted one"},
            "created_after": {"created_at": NOW + 2 * HOUR},
            "created_before": {"created_at": NOW - 2 * HOUR},
            "updated_after": {"updated_at": NOW + 2 * HOUR},
        }
        (name,) = (name for name in given if getattr(wanted, name) is not None)
        lead = await stored(database, **{"updated_at": NOW, **given[name]})
        for n, limit in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
            await stored(
                database, email=f"other{n}@example.com", created_at=limit, updated_at=limit
            )

        assert await listed(database, wanted) == [lead]

    async def test_of_several_conditions_all_must_hold(self, database: Database) -> None:
        both = await stored(database, source="fair", status="qualified")
        await stored(database, email="b@example.com", source="fair")
        await stored(database, email="c@example.com", status="qualified")

        wanted = LeadFilter(source="fair", status=LeadStatus.QUALIFIED, q="ada")

        assert await listed(database, wanted) == [both]

    async def test_a_span_that_ends_before_it_begins_is_empty(self, database: Database) -> None:
        await stored(database)

        wanted = LeadFilter(created_after=NOW + HOUR, created_before=NOW - HOUR)

        assert await listed(database, wanted) == []

    @pytest.mark.parametrize(
        "q",
        [
            "grace", "HOPPER", "ce ho", "grace@", "EXAMPLE.com", "stra\u00dfe", "STRASSE",
            "\uff33trasse", "\u00c9cole", "e\u0301cole", "g", "\u6d77",
        ],
    )  # fmt: skip
    async def test_a_search_looks_into_name_email_and_company_whatever_the_case(
        self, database: Database, q: str
    ) -> None:
        company = "\u00e9cole Stra\u00dfe \u6d77\u8ecd"
        await stored(database, name="Grace Hopper", email="grace@example.com", company=company)
        await stored(database, name="Bo", email="bo@xample.com", notes=f"Grace Hopper {company}")

        assert await found(database, q) == {"Grace Hopper"}

    @pytest.mark.parametrize("q", ["%", "_", "\\", "/", "100%", "a_b", "'", "\\%", "/_"])
    async def test_nothing_in_a_search_is_a_wildcard(self, database: Database, q: str) -> None:
        await stored(database, name=f"x{q}y")
        await stored(database, name="xy 100 aab axb", email="b@example.com")

        assert await found(database, q) == {f"x{q}y"}

    async def test_a_search_finds_nothing_across_two_fields(self, database: Database) -> None:
        await stored(database, name="Ada", email="bob@example.com", company="Com")

        assert await found(database, "adabob") == await found(database, "comcom") == set()

    async def test_a_search_goes_by_what_the_lead_is_called_now(self, database: Database) -> None:
        lead = await stored(database)
        async with database() as work:
            await work.leads.save(lead.changed({"name": "Countess"}, NOW))

        assert await found(database, "countess") == {"Countess"}
        assert await found(database, "lovelace") == set()

    async def test_a_deleted_lead_is_not_found(self, database: Database) -> None:
        lead = await stored(database)
        async with database() as work:
            await work.leads.save(lead.deleted(NOW))

        assert await found(database, "ada") == set()

    @pytest.mark.parametrize("sort", LeadSort)
    async def test_a_walk_in_any_order_shows_every_lead_once_in_that_order(
        self, database: Database, sort: LeadSort
    ) -> None:
        leads = await some_leads(database)

        seen: list[Lead] = []
        after: Position | None = None
        async with database(reads_only=True) as work:
            while page := await work.leads.page(3, after, sort=sort):
                seen += page
                after = Position(sort.key(page[-1]), page[-1].id)

        by_sort = sorted(leads, key=lambda lead: (sort.key(lead), lead.id), reverse=sort.downwards)
        assert seen == by_sort

    async def test_names_go_by_code_points_whatever_their_case(self, database: Database) -> None:
        await some_leads(database)

        names = [lead.name for lead in await listed(database, sort=LeadSort.NAME)]

        assert names == [
            "ada", "\uff41da", "Ada", "b", "Bob", "Bob", "zoe", "Zo\u00eb",
            "\u00c4da", "\U0001f600",
        ]  # fmt: skip

    async def test_a_name_that_grows_when_it_is_folded_is_kept_and_sorted(
        self, database: Database
    ) -> None:
        lead = await stored(database, name="\ufdfa" * 200)

        assert await listed(database, LeadFilter(q="\ufdfa" * 200), LeadSort.NAME) == [lead]

    @pytest.mark.parametrize("sort", [LeadSort.NEWEST, LeadSort.OLDEST])
    async def test_a_walk_shows_every_lead_that_stays_once_while_others_come_and_go(
        self, database: Database, sort: LeadSort
    ) -> None:
        leads = [
            a_lead(email=f"lead{n}@example.com", created_at=NOW + HOUR * (n // 4))
            for n in range(48)
        ]
        async with database() as work:
            await work.leads.add_new(leads)
        staying = [lead for n, lead in enumerate(leads) if n % 3]
        churned, ended = asyncio.Event(), asyncio.Event()
        shown: list[Lead] = []

        async def churn() -> None:
            """Add leads all over the list; delete what was just shown, and what was not yet."""
            numbers = count()
            while not ended.is_set():
                n = next(numbers)
                doomed = [lead for lead in leads if lead not in staying]
                near = doomed if not shown else [shown[-1], *doomed]
                gone = next((lead for lead in near if lead in doomed), None)
                async with database() as work:
                    # not for ever, or a slow walk would never come to its end
                    if n < MANY:
                        await work.leads.add(
                            a_lead(
                                email=f"new{n}@example.com", created_at=NOW + HOUR * (n % 14 - 1)
                            )
                        )
                    if gone is not None:
                        await work.leads.save(gone.deleted(NOW))
                        leads.remove(gone)
                churned.set()
                await asyncio.sleep(0)

        async def walk() -> None:
            after: Position | None = None
            while True:
                async with database(reads_only=True) as work:
                    page = await work.leads.page(2, after, sort=sort)
                if not page:
                    break
                shown.extend(page)
                after = Position(page[-1].created_at, page[-1].id)
                churned.clear()
                await churned.wait()
            ended.set()

        await asyncio.gather(walk(), churn())

        ids = [lead.id for lead in shown]
        assert len(set(ids)) == len(ids)
        kept = {lead.id for lead in staying}
        in_order = sorted(staying, key=lambda lead: (lead.created_at, lead.id))
        assert [lead.id for lead in shown if lead.id in kept] == [
            lead.id for lead in (reversed(in_order) if sort.downwards else in_order)
        ]

    async def test_a_lead_that_moves_to_the_end_of_a_walk_is_shown_again(
        self, database: Database
    ) -> None:
        """As the API says of `sort=updated_at`: again, but never not at all."""
        leads = [
            await stored(database, email=f"lead{n}@example.com", updated_at=NOW + n * HOUR)
            for n in range(4)
        ]
        sort = LeadSort.EARLIEST_CHANGE
        async with database(reads_only=True) as work:
            first = await work.leads.page(2, None, sort=sort)
        async with database() as work:
            await work.leads.save(replace(leads[0].deleted(NOW + 9 * HOUR), deleted_at=None))

        async with database(reads_only=True) as work:
            rest = await work.leads.page(9, Position(sort.key(first[-1]), first[-1].id), sort=sort)

        assert [lead.id for lead in (*first, *rest)] == [lead.id for lead in (*leads, leads[0])]
