"""Rejected rows over HTTP: seen page by page, saved as CSV, and offered once more."""

import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.quarantine import MAX_KEPT, QuarantinedRow
from domain.sync import SyncRun
from entrypoints.container import System
from entrypoints.http.reject_lines import MAX_FIELDS
from tests.contracts.databases.rejects import ROWS, ended_with
from tests.contracts.databases.sync_runs import started
from tests.systems import a_client, work_off_syncs

GOOD = {"name": "Ada", "email": "ada@example.com"}


async def run_with(system: System, rows: Sequence[QuarantinedRow]) -> SyncRun:
    return await ended_with(system.crm.run_syncs.unit_of_work, rows)


async def retried(
    client: httpx.AsyncClient, run: SyncRun, headers: dict[str, str] | None = None
) -> httpx.Response:
    return await client.post(f"/sync/runs/{run.id}/retry", headers=headers or {})


async def csv_of(client: httpx.AsyncClient, run: SyncRun) -> list[list[str]]:
    response = await client.get(f"/sync/runs/{run.id}/rejects.csv")
    assert response.status_code == 200
    return list(csv.reader(StringIO(response.text, newline="")))


def rows_of(*rows: dict[str, Any]) -> list[QuarantinedRow]:
    return [QuarantinedRow(n, row, ("email: is required",)) for n, row in enumerate(rows, 1)]


class HttpRejectsContract:
    """Inherit it with a `system`."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    async def test_rows_are_shown_with_their_reasons(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, ROWS)

        page = (await client.get(f"/sync/runs/{run.id}/rejects")).json()

        assert page["next_cursor"] is None
        assert page["items"] == [
            {
                "position": row.position,
                "row": row.row,
                "reasons": list(row.reasons),
                "is_whole": row.is_whole,
            }
            for row in ROWS
        ]
        assert (await client.get(f"/sync/runs/{run.id}")).json()["rejects_kept"] == len(ROWS)

    async def test_a_walk_by_pages_meets_every_row_once(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, rows_of(*({"n": n} for n in range(7))))
        seen, cursor = list[int](), ""

        while cursor is not None:
            page = await client.get(f"/sync/runs/{run.id}/rejects?limit=3{cursor}")
            seen += [item["row"]["n"] for item in page.json()["items"]]
            following = page.json()["next_cursor"]
            cursor = following and f"&cursor={following}"

        assert seen == list(range(7))

    async def test_a_cursor_belongs_to_the_rows_of_one_run(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        one, other = await run_with(system, ROWS), await run_with(system, ROWS)
        page = await client.get(f"/sync/runs/{one.id}/rejects?limit=1")

        cursor = page.json()["next_cursor"]
        response = await client.get(f"/sync/runs/{other.id}/rejects?cursor={cursor}")

        assert response.status_code == 400

    @pytest.mark.parametrize(
        ("method", "part"), [("GET", "rejects"), ("GET", "rejects.csv"), ("POST", "retry")]
    )
    async def test_of_a_run_that_is_not_there_nothing_is_shown(
        self, client: httpx.AsyncClient, method: str, part: str
    ) -> None:
        response = await client.request(method, f"/sync/runs/{uuid4()}/{part}")

        assert response.status_code == 404
        assert response.json()["type"] == "/problems/sync-run-not-found"

    async def test_a_run_that_rejected_nothing_has_an_empty_list_and_a_head_only(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, [])

        assert (await client.get(f"/sync/runs/{run.id}/rejects")).json()["items"] == []
        assert await csv_of(client, run) == [["position", "reasons"]]

    async def test_the_csv_has_a_column_for_each_field_that_any_row_has(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        rows = rows_of(
            {"name": 'Ada "A", Lovelace\nII', "n": 1},
            {"email": None, "tags": ["a", {"b": True}]},
            {"name": "é", "ok": False},
        )
        run = await run_with(system, rows)

        assert await csv_of(client, run) == [
            ["position", "reasons", "name", "n", "email", "tags", "ok"],
            ["1", "email: is required", 'Ada "A", Lovelace\nII', "1", "", "", ""],
            ["2", "email: is required", "", "", "", '["a",{"b":true}]', ""],
            ["3", "email: is required", "é", "", "", "", "false"],
        ]

    async def test_no_cell_is_a_formula_to_a_spreadsheet(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
        rows = [QuarantinedRow(1, {f"={n}": text for n, text in enumerate(evil)}, ("=bad",))]
        run = await run_with(system, rows)

        head, cells = await csv_of(client, run)

        assert head[2:] == [f"'={n}" for n in range(len(evil))]
        assert cells[1:] == ["'=bad", *(f"'{text}" for text in evil)]

    async def test_the_csv_is_a_file_to_save(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, ROWS)

        response = await client.get(f"/sync/runs/{run.id}/rejects.csv")

        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        disposition = f'attachment; filename="rejects-{run.id}.csv"'
        assert response.headers["content-disposition"] == disposition

    async def test_hostile_rows_with_a_field_each_make_no_endless_columns(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, rows_of(*({f"f{n}": "x", "all": "y"} for n in range(400))))

        head, *lines = await csv_of(client, run)

        assert head[-1] == "(others)"
        assert {len(line) for line in (head, *lines)} == {2 + MAX_FIELDS + 1}
        assert lines[0][2:] == ["x", "y", *[""] * (MAX_FIELDS - 1)]
        assert lines[-1][-1] == '{"f399":"x"}'

    async def test_a_retry_offers_the_rows_again_and_says_of_which_run_it_is(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, rows_of(GOOD, {"name": "Nobody"}))

        response = await retried(client, run)
        await work_off_syncs(system)

        retry = (await client.get(response.headers["location"])).json()
        assert response.status_code == 202
        assert (response.json()["state"], response.json()["retried_from"]) == (
            "pending", str(run.id),
        )  # fmt: skip
        assert (retry["state"], retry["source"]) == ("succeeded", run.source)
        assert (retry["fetched"], retry["created"], retry["invalid"]) == (2, 1, 1)
        assert retry["rejects_kept"] == 1
        lead = (await client.get("/leads")).json()["items"][0]
        assert (lead["email"], lead["source"]) == (GOOD["email"], run.source)
        left = (await client.get(f"{response.headers['location']}/rejects")).json()["items"]
        assert [item["row"] for item in left] == [{"name": "Nobody"}]

    async def test_as_many_rows_as_are_kept_are_retried(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        rows = rows_of(*({"name": "A", "email": f"a{n}@example.com"} for n in range(MAX_KEPT)))
        run = await run_with(system, rows)

        response = await retried(client, run)
        await work_off_syncs(system)

        retry = (await client.get(response.headers["location"])).json()
        assert (retry["fetched"], retry["created"]) == (MAX_KEPT, MAX_KEPT)

    async def test_an_open_retry_is_joined(self, client: httpx.AsyncClient, system: System) -> None:
        run = await run_with(system, ROWS)

        first, second = await retried(client, run), await retried(client, run)

        assert first.json()["id"] == second.json()["id"]
        assert second.status_code == 202

    async def test_while_another_run_of_the_source_is_open_there_is_no_retry(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, ROWS)
        standing = await started(system.crm.run_syncs.unit_of_work)

        response = await retried(client, run)

        assert (response.status_code, response.json()["type"]) == (409, "/problems/sync-run-open")
        assert str(standing.id) in response.json()["detail"]

    async def test_a_run_that_is_open_is_not_retried(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        response = await retried(client, await started(system.crm.run_syncs.unit_of_work))

        assert (response.status_code, response.json()["type"]) == (409, "/problems/sync-run-open")

    @pytest.mark.parametrize("rows", [[], [ROWS[1]]], ids=["none", "only one that was cut"])
    async def test_where_there_is_no_whole_row_there_is_nothing_to_retry(
        self, client: httpx.AsyncClient, system: System, rows: list[QuarantinedRow]
    ) -> None:
        response = await retried(client, await run_with(system, rows))

        assert response.status_code == 409
        assert response.json()["type"] == "/problems/sync-run-without-rejects"

    async def test_with_a_key_a_retry_is_done_once(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await run_with(system, ROWS)
        key = {"idempotency-key": "retry-1"}
        first = await retried(client, run, key)
        await work_off_syncs(system)

        again = await retried(client, run, key)

        assert again.json() == first.json()
        assert len((await client.get("/sync/runs")).json()["items"]) == 2

    async def test_readiness_says_when_each_source_was_last_read(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        before = (await client.get("/health/ready")).json()["syncs"]
        system.crm.check_health.last_syncs._stale_at = 0.0  # type: ignore[attr-defined]
        run = await run_with(system, [])

        after = (await client.get("/health/ready")).json()["syncs"]

        assert before == {"randomuser": None}
        assert run.finished_at is not None
        assert after == {"randomuser": run.finished_at.isoformat().replace("+00:00", "Z")}
