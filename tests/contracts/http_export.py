"""What the API promises of exports: every lead that stays once, as text that means no harm."""

import asyncio
import csv
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from itertools import count
from typing import Any

import httpx
import pytest

from application.export_leads import PAGE_SIZE, ExportLeads
from application.ports import UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable
from domain.formulas import as_it_was
from domain.lead import Lead
from domain.lead_fields import LeadStatus
from domain.lead_list import ALL_LEADS, LeadFilter
from entrypoints.container import System
from entrypoints.lead_json import LeadView
from tests.bad_requests import GOOD
from tests.builders import NOW, a_lead
from tests.systems import a_client, work_off_summaries

BATCH = 1000
MINUTE = timedelta(minutes=1)


async def added(database: UnitsOfWork, number: int) -> list[Lead]:
    """Four at a time are created at the same moment."""
    leads = [
        a_lead(email=f"lead{n}@example.com", created_at=NOW + MINUTE * (n // 4))
        for n in range(number)
    ]
    for start in range(0, number, BATCH):
        async with database() as work:
            await work.leads.add_new(leads[start : start + BATCH])
    return leads


async def exported(client: httpx.AsyncClient, **query: str) -> bytes:
    response = await client.get("/leads/export", params=query)
    assert response.status_code == 200, response.text
    return response.content


def rows_of(exported: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(exported.decode("utf-8-sig"), newline=""), strict=True))


class Churn:
    """Somebody who adds leads, changes all and deletes every third, as fast as it goes."""

    def __init__(self, database: UnitsOfWork, leads: Sequence[Lead]) -> None:
        self.database = database
        self.doomed = list(leads[::3])
        self.staying = [lead for n, lead in enumerate(leads) if n % 3]
        self.turned, self.ended = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        numbers, changing = count(), iter(self.staying[::7])
        while not self.ended.is_set():
            n = next(numbers)
            async with self.database() as work:
                await work.leads.add_new(
                    [
                        a_lead(email=f"new{n}-{k}@example.com", created_at=NOW + MINUTE * k * 50)
                        for k in range(20)
                    ]
                )
                for lead in self.doomed[-5:]:
                    await work.leads.save(lead.deleted(NOW))
                for _, lead in zip(range(5), changing, strict=False):
                    await work.leads.save(lead.changed({"name": "Changed"}, NOW))
            del self.doomed[-5:]
            self.turned.set()
            await asyncio.sleep(0)


class HttpExportContract:
    """Inherit it with a `system` fixture; `many` is how many leads are walked under changes."""

    many = 10_000

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    async def test_every_lead_that_stays_is_exported_once_whatever_others_do(
        self, system: System
    ) -> None:
        database = system.crm.export_leads.unit_of_work
        churn = Churn(database, await added(database, self.many))
        churning, shown = asyncio.create_task(churn.run()), list[Lead]()

        async for page in ExportLeads(database, page_size=200)(ALL_LEADS):
            shown += page
            churn.turned.clear()
            await churn.turned.wait()
        churn.ended.set()
        await churning

        ids = [lead.id for lead in shown]
        staying = {lead.id for lead in churn.staying}
        assert len(set(ids)) == len(ids)
        assert staying - set(ids) == set()
        assert {lead.name for lead in shown} == {"Ada Lovelace", "Changed"}

    async def test_no_transaction_is_open_while_a_page_is_taken(self, system: System) -> None:
        database = Counting(system.crm.export_leads.unit_of_work)
        await added(database.counted, 10)

        during = [database.open async for _ in ExportLeads(database, page_size=3)(ALL_LEADS)]

        assert during == [0, 0, 0, 0]

    async def test_csv_has_a_column_for_each_field_and_a_row_for_each_lead(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        text = {"name": 'Ada "Countess", L', "notes": "one\ntwo, three", "company": "\u00c9cole"}
        lead = (await client.post("/leads", json={**GOOD, **text})).json()
        await client.post(f"/leads/{lead['id']}/summarize")
        await work_off_summaries(system)
        lead = (await client.get(f"/leads/{lead['id']}")).json()

        (row,) = rows_of(await exported(client))

        assert list(row) == list(LeadView.__struct_fields__) == list(lead)
        assert row == {name: _as_text(value) for name, value in lead.items()}

    async def test_csv_ends_each_line_with_crlf_and_is_utf8_with_a_bom_only_if_wanted(
        self, client: httpx.AsyncClient
    ) -> None:
        await client.post("/leads", json=GOOD)

        plain, marked = await exported(client), await exported(client, bom="true")

        assert plain.startswith(b"id,name,email,")
        assert plain.count(b"\r\n") == plain.count(b"\n") == 2
        assert marked == b"\xef\xbb\xbf" + plain

    async def test_a_phone_that_looks_like_a_formula_is_defused_and_comes_back(
        self, client: httpx.AsyncClient
    ) -> None:
        formula = '=HYPERLINK("http://evil.example")'
        given = {"phone": "+49 30 1234", "name": formula, "company": "'=already"}
        await client.post("/leads", json={**GOOD, **given})

        (row,) = rows_of(await exported(client))

        assert (row["phone"], row["name"]) == ("'+49 30 1234", f"'{formula}")
        assert {name: as_it_was(row[name]) for name in given} == given

    async def test_ndjson_has_each_lead_as_it_is_read(self, client: httpx.AsyncClient) -> None:
        for n in range(3):
            await client.post("/leads", json={**GOOD, "email": f"lead{n}@example.com"})

        lines = (await exported(client, format="ndjson", bom="true")).split(b"\n")

        assert lines.pop() == b""
        ids = [json.loads(line)["id"] for line in lines]
        assert lines == [(await client.get(f"/leads/{each}")).content for each in ids]
        listed = (await client.get("/leads")).json()["items"]
        assert ids == [lead["id"] for lead in listed]

    @pytest.mark.parametrize(
        "number", [0, 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE]
    )
    async def test_no_lead_is_lost_where_a_page_ends(
        self, client: httpx.AsyncClient, system: System, number: int
    ) -> None:
        leads = await added(system.crm.export_leads.unit_of_work, number)

        rows = rows_of(await exported(client))

        newest_first = sorted(leads, key=lambda lead: (lead.created_at, lead.id), reverse=True)
        assert [row["id"] for row in rows] == [str(lead.id) for lead in newest_first]

    async def test_an_export_of_nothing_is_a_header_or_nothing(
        self, client: httpx.AsyncClient
    ) -> None:
        header = ",".join(LeadView.__struct_fields__) + "\r\n"

        assert await exported(client, bom="true") == header.encode("utf-8-sig")
        assert await exported(client, format="ndjson") == b""

    async def test_only_what_the_filters_name_is_exported(self, client: httpx.AsyncClient) -> None:
        wanted = {**GOOD, "status": "qualified", "source": "fair", "email": "w@example.com"}
        for other in (GOOD, {**wanted, "status": "new", "email": "b@example.com"}, wanted):
            assert (await client.post("/leads", json=other)).status_code == 201

        rows = rows_of(await exported(client, status="qualified", source="fair", q="w@"))

        assert [row["email"] for row in rows] == ["w@example.com"]

    async def test_a_deleted_lead_is_not_exported(self, client: httpx.AsyncClient) -> None:
        lead = (await client.post("/leads", json=GOOD)).json()
        await client.delete(f"/leads/{lead['id']}")

        assert await exported(client, format="ndjson") == b""

    async def test_an_export_tells_its_name_and_type_and_no_length(
        self, client: httpx.AsyncClient
    ) -> None:
        as_csv = await client.get("/leads/export?sort=-created_at")
        as_ndjson = await client.get("/leads/export?format=ndjson")

        for response, form in ((as_csv, "csv"), (as_ndjson, "ndjson")):
            named = response.headers["content-disposition"]
            name = re.fullmatch(r'attachment; filename="leads-(.{10})\.(.+)"', named)
            assert name is not None, named
            date.fromisoformat(name[1])
            assert name[2] == form
        assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
        assert as_ndjson.headers["content-type"] == "application/x-ndjson"
        assert "content-length" not in as_csv.headers
        assert as_csv.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        ("query", "detail"),
        [
            ("format=xml", "format: "),
            ("bom=yes", "bom: "),
            ("sort=name", "sort must be -created_at for an export"),
            ("sort=x", "sort must be one of"),
            ("limit=5", "limit: this parameter is not known here"),
            ("status=won", "status must be one of"),
            ("created_after=soon", "created_after must be a time"),
        ],
    )
    async def test_a_parameter_that_makes_no_sense_is_a_problem(
        self, client: httpx.AsyncClient, query: str, detail: str
    ) -> None:
        response = await client.get(f"/leads/export?{query}")

        assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-request")
        assert response.json()["detail"].startswith(detail)

    async def test_a_database_that_is_away_before_the_first_lead_is_a_problem(
        self, system: System
    ) -> None:
        away = replace(system.crm, export_leads=ExportLeads(Away()))
        async with a_client(replace(system, crm=away)) as client:
            response = await client.get("/leads/export")

        told = (response.status_code, response.json()["type"])
        assert told == (503, "/problems/database-unavailable")
        assert "content-disposition" not in response.headers

    async def test_what_is_no_longer_wanted_when_its_turn_comes_is_left_out(
        self, system: System
    ) -> None:
        database = system.crm.export_leads.unit_of_work
        leads = await added(database, 8)
        shown: list[Lead] = []

        wanted = LeadFilter(status=LeadStatus.NEW)
        async with aclosing(ExportLeads(database, page_size=4)(wanted)) as pages:
            shown += await anext(pages)
            async with database() as work:
                await work.leads.save(leads[0].changed({"status": "converted"}, NOW))
            shown += await anext(pages)

        assert {lead.id for lead in shown} == {lead.id for lead in leads[1:]}


class Counting:
    """Counts the transactions that are open."""

    def __init__(self, counted: UnitsOfWork) -> None:
        self.counted, self.open = counted, 0

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        async with self.counted(reads_only=reads_only) as work:
            self.open += 1
            try:
                yield work
            finally:
                self.open -= 1


class Away:
    """A database that cannot be reached."""

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        raise DatabaseUnavailable("it is away")
        yield


def _as_text(value: Any) -> str:
    """How a member of the JSON stands in a cell that needs no apostrophe."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
