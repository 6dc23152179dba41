"""What the API promises of imports: every row counted once, whatever happens on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from application import import_leads
from application.merge_leads import Also, Batch, Merged, MergeLeads
from application.ports import UnitOfWork
from domain.errors import DatabaseUnavailable
from domain.quarantine import MAX_KEPT
from domain.sync import SyncRunId
from domain.upload import CHUNK
from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.systems import a_client, work_off_syncs

CSV, NDJSON = {"content-type": "text/csv"}, {"content-type": "application/x-ndjson"}
ROWS, BATCH = 2_000, 200


def rows_of(count: int) -> list[dict[str, Any]]:
    """In each hundred, three repeat the address of the row before, and one has none."""
    rows = [{"name": f"Lead {n}", "email": f"lead{n}@example.com"} for n in range(count)]
    for n in range(0, count, 100):
        for repeated in (n + 11, n + 41, n + 71):
            rows[repeated]["email"] = rows[repeated - 1]["email"].upper()
        rows[n + 99]["email"] = "nowhere"
    return rows


def exact(count: int) -> dict[str, int]:
    """What is to become of such rows."""
    hundreds = count // 100
    return {
        "fetched": count,
        "created": hundreds * 96,
        "duplicate": hundreds * 3,
        "invalid": hundreds,
        "updated": 0,
        "unchanged": 0,
        "rejects_kept": min(hundreds, MAX_KEPT),
    }


def ndjson(rows: Iterable[object]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def csv_of(rows: Iterable[dict[str, Any]]) -> bytes:
    lines = [f"{row['name']};{row['email']}" for row in rows]
    return "\r\n".join(["Full name;E-mail", *lines, ""]).encode()


def counts_of(run: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: run[name] for name in names or exact(0)}


async def imported(
    client: httpx.AsyncClient,
    system: System,
    content: bytes,
    headers: dict[str, str] = NDJSON,
    **query: str,
) -> dict[str, Any]:
    """The run at its end."""
    asked = await client.post("/leads/import", content=content, headers=headers, params=query)
    assert asked.status_code == 202, asked.text
    await work_off_syncs(system)
    run: dict[str, Any] = (await client.get(asked.headers["location"])).json()
    return run


async def leads(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/leads")).json()["items"]
    return found


class HttpImportsContract:
    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @pytest.fixture(autouse=True)
    def small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_leads, "BATCH", BATCH)

    async def test_a_file_becomes_leads_of_the_source_import(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await imported(client, system, ndjson([GOOD]))

        assert (run["state"], run["source"], run["upload"]) == ("succeeded", "import", "ndjson")
        (lead,) = await leads(client)
        assert (lead["email"], lead["source"]) == (GOOD["email"], "import")

    @pytest.mark.parametrize(("written", "headers"), [(ndjson, NDJSON), (csv_of, CSV)])
    async def test_every_row_of_many_is_counted(
        self, client: httpx.AsyncClient, system: System, written: Any, headers: dict[str, str]
    ) -> None:
        run = await imported(client, system, written(rows_of(ROWS)), headers)

        assert counts_of(run) == exact(ROWS)

    async def test_a_run_that_is_cut_off_goes_on_with_exact_counts(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        asked = await client.post("/leads/import", content=ndjson(rows_of(ROWS)), headers=NDJSON)
        work = system.crm.run_syncs
        while runs := await work.claim(1, timedelta(0)):
            # as if its worker had died behind the third batch that it merged
            cut = replace(work, merge_leads=mortal(work.merge_leads, 3))
            with pytest.raises(Died):
                await cut.perform(runs[0])
            if (await client.get(asked.headers["location"])).json()["fetched"] > ROWS // 2:
                break
        await work_off_syncs(system)

        assert counts_of((await client.get(asked.headers["location"])).json()) == exact(ROWS)
        rejects = (await client.get(f"{asked.headers['location']}/rejects")).json()
        assert [row["position"] for row in rejects["items"]] == list(range(1, ROWS // 100 + 1))

    async def test_a_run_that_is_given_back_goes_on_with_exact_counts(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        asked = await client.post("/leads/import", content=ndjson(rows_of(ROWS)), headers=NDJSON)
        work = system.crm.run_syncs
        (run,) = await work.claim(1, timedelta(minutes=1))
        with pytest.raises(Died):
            await replace(work, merge_leads=mortal(work.merge_leads, 2)).perform(run)

        await work.give_back(run)
        await work_off_syncs(system)

        assert counts_of((await client.get(asked.headers["location"])).json()) == exact(ROWS)

    async def test_who_lost_a_run_merges_nothing_more(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        asked = await client.post("/leads/import", content=ndjson([GOOD]), headers=NDJSON)
        work = system.crm.run_syncs
        (lost,) = await work.claim(1, timedelta(0))
        (held,) = await work.claim(1, timedelta(minutes=1))

        await work.perform(lost)

        assert await leads(client) == []
        await work.perform(held)
        assert (await client.get(asked.headers["location"])).json()["created"] == 1

    async def test_a_dry_run_counts_and_writes_nothing(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await imported(
            client, system, ndjson([GOOD, {"name": "Nobody"}]), dry_run="true", source="fair"
        )

        assert counts_of(run, "fetched", "created", "invalid", "dry_run") == {
            "fetched": 2,
            "created": 1,
            "invalid": 1,
            "dry_run": True,
        }
        assert await leads(client) == []
        retried = await client.post(f"/sync/runs/{run['id']}/retry")
        assert retried.json()["dry_run"] is True

    @pytest.mark.parametrize(("form", "headers"), [("csv", CSV), ("ndjson", NDJSON)])
    async def test_what_was_exported_is_unchanged_when_it_is_imported(
        self, client: httpx.AsyncClient, system: System, form: str, headers: dict[str, str]
    ) -> None:
        odd = [
            {**GOOD, "notes": 'one\ntwo; "three", four', "phone": "+49301234567", "company": "=é"},
            {"name": "'-x", "email": "b@example.com", "external_id": "7", "source": "fair",
             "phone": "0049 30 1234567"},
        ]  # fmt: skip
        for lead in odd:
            assert (await client.post("/leads", json=lead)).status_code == 201
        await imported(client, system, ndjson(rows_of(100)))
        before = await leads(client)
        exported = (await client.get("/leads/export", params={"format": form})).content

        run = await imported(client, system, exported, headers)

        assert counts_of(run, "fetched", "unchanged") == {"fetched": 98, "unchanged": 98}
        assert await leads(client) == before

    async def test_columns_fill_what_the_mapping_says(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        content = b"Wer,Wohin,Company\r\nAda,ada@example.com,Engines\r\n"

        run = await imported(client, system, content, CSV, mapping="Wohin=email,Wer=name")

        (lead,) = await leads(client)
        assert (lead["name"], lead["email"], lead["company"]) == (
            "Ada", "ada@example.com", "Engines",
        )  # fmt: skip
        assert run["created"] == 1

    @pytest.mark.parametrize("charset", ["", "; charset=UTF-16"])
    async def test_csv_may_be_what_a_spreadsheet_calls_unicode(
        self, client: httpx.AsyncClient, system: System, charset: str
    ) -> None:
        content = "Full name\tE-mail\r\nZo\u00eb\tzoe@example.com\r\n".encode("utf-16")
        headers = {"content-type": f"text/csv{charset}"}

        run = await imported(client, system, content, headers)

        (lead,) = await leads(client)
        assert (lead["name"], lead["email"], run["created"]) == ("Zo\u00eb", "zoe@example.com", 1)

    async def test_broken_lines_are_kept_with_what_is_wrong(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        content = b'\xef\xbb\xbf{"name": "Ada", "email": "ada@example.com"}\n{"na\n\n[1]\n'

        run = await imported(client, system, content)

        rejects = (await client.get(f"/sync/runs/{run['id']}/rejects")).json()["items"]
        assert (run["fetched"], run["created"], run["invalid"]) == (3, 1, 2)
        assert [row["reasons"] for row in rejects] == [
            ["row: line 2: it is not JSON"],
            ["row: line 4: it is no JSON object"],
        ]
        assert rejects[0]["row"] == {"row": '{"na'}

    async def test_several_files_wait_in_turn(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        asked = [
            await client.post("/leads/import", content=ndjson([row]), headers=NDJSON)
            for row in rows_of(100)[:3]
        ]
        await work_off_syncs(system)

        runs = [(await client.get(each.headers["location"])).json() for each in asked]
        assert [run["created"] for run in runs] == [1, 1, 1]

    async def test_a_file_of_no_row_is_degraded(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await imported(client, system, b"")

        assert (run["state"], run["error"]["type"]) == ("degraded", "empty")

    async def test_a_header_without_an_address_fails_the_run_by_one_line(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await imported(client, system, b"a,b\r\n1,2\r\n", CSV)

        assert (run["state"], run["error"]["type"]) == ("failed", "malformed")

    async def test_a_file_is_staged_in_pieces_and_forgotten_with_its_run(
        self, client: httpx.AsyncClient, system: System, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_leads, "PER_TRANSACTION", 2)
        row = {**GOOD, "notes": "x" * (CHUNK * 5 + 1)}
        content = ndjson([row])
        asked = await client.post("/leads/import", content=content, headers=NDJSON)
        run_id = SyncRunId(UUID(asked.json()["id"]))

        async def staged() -> list[bytes]:
            async with system.crm.import_leads.unit_of_work(reads_only=True) as work:
                return [await work.staged.chunk(run_id, number) for number in range(7)]

        before = await staged()
        await work_off_syncs(system)

        assert b"".join(before) == content
        assert [len(chunk) for chunk in before[:5]] == [CHUNK] * 5
        assert await staged() == [b""] * 7

    async def test_an_upload_that_breaks_off_makes_no_run(
        self, client: httpx.AsyncClient, system: System, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_leads, "PER_TRANSACTION", 1)

        async def broken() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b" " * CHUNK
            yield b"\xff"

        answer = await client.post("/leads/import", content=broken(), headers=NDJSON)

        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/not-utf8")
        assert (await client.get("/sync/runs")).json()["items"] == []

    async def test_a_database_that_goes_away_is_told(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        class Away:
            def __call__(self, **_: object) -> Any:
                raise DatabaseUnavailable("away")

        away: Any = replace(system.crm.import_leads, unit_of_work=Away())
        async with a_client(replace(system, crm=replace(system.crm, import_leads=away))) as cut:
            answer = await cut.post("/leads/import", content=b"{}", headers=NDJSON)

        assert answer.status_code == 503

    async def test_one_file_at_a_time_comes_in(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b'{"name": "Ada",'
            begun.set()
            await may_end.wait()
            yield b' "email": "ada@example.com"}'

        first = asyncio.create_task(client.post("/leads/import", content=slow(), headers=NDJSON))
        await begun.wait()
        second = await client.post("/leads/import", content=b"{}", headers=NDJSON)
        may_end.set()

        assert (second.status_code, second.json()["type"]) == (429, "/problems/too-many-imports")
        assert int(second.headers["retry-after"]) > 0
        assert (await first).status_code == 202
        third = await client.post("/leads/import", content=b"{}", headers=NDJSON)
        assert third.status_code == 202

    @pytest.mark.parametrize(
        ("status", "slug", "headers", "query"),
        [
            (415, "not-a-file-of-leads", {"content-type": "application/json"}, {}),
            (415, "not-a-file-of-leads", {"content-type": "text/csv; charset=latin-1"}, {}),
            (415, "not-a-file-of-leads", {}, {}),
            (415, "encoded-body", {**CSV, "content-encoding": "gzip"}, {}),
            (413, "body-too-large", {**CSV, "content-length": "500000001"}, {}),
            (400, "bad-request", {**CSV, "idempotency-key": "k"}, {}),
            (400, "bad-request", CSV, {"source": ""}),
            (400, "bad-request", CSV, {"source": "x" * 51}),
            (400, "bad-request", CSV, {"mapping": "E-mail"}),
            (400, "bad-request", CSV, {"mapping": "E-mail=id"}),
            (400, "bad-request", CSV, {"dry_run": "yes"}),
        ],
    )
    async def test_what_is_no_import_is_refused(
        self,
        client: httpx.AsyncClient,
        status: int,
        slug: str,
        headers: dict[str, str],
        query: dict[str, str],
    ) -> None:
        answer = await client.post("/leads/import", content=b"", headers=headers, params=query)

        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
        assert (await client.get("/sync/runs")).json()["items"] == []


class Died(Exception):
    pass


def mortal(merge: MergeLeads, batches: int) -> Any:
    """Merges so many batches, and dies in the next one's transaction."""
    left = batches

    async def merge_or_die(source: str, batch: Batch, also: Also) -> Merged:
        async def die(work: UnitOfWork, merged: Merged) -> None:
            await also(work, merged)
            raise Died

        nonlocal left
        left -= 1
        return await merge(source, batch, also if left >= 0 else die)

    return merge_or_die
