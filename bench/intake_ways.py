"""The ways to bring rows into PostgreSQL that the benchmark of the intake compares.

Each makes a database of its own with our tables and all their indexes, and leaves out of its time
what is not told to be in it.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from adapters.databases.sql.mapping import lead_values
from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from adapters.lead_sources.file import ReadUpload
from adapters.system import SystemClock, UuidV7Ids
from application.import_leads import BATCH
from application.lead_events import created
from bench.intake_rows import Sample
from bench.load import LoadFailed
from bench.stopwatch import Stopwatch
from domain.errors import InvalidLead
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.lead_list import folded
from domain.sync import SyncState
from domain.timeline import Actor, ActorKind
from domain.upload import IMPORT, FileFormat, Upload
from entrypoints.container import System
from tests.engines.postgres import fresh_database
from tests.systems import a_system

CSV = Upload(FileFormat.CSV)
BY = Actor(ActorKind.SOURCE, IMPORT)
LOOKS_LIKE_AN_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)


@asynccontextmanager
async def a_database(server_url: str) -> AsyncIterator[str]:
    with fresh_database(server_url) as url:
        await upgrade(url)
        yield url


def leads_of(sample: Sample) -> Sequence[Lead]:
    """Those that the rows make, each address once."""
    found = dict[str, LeadDetails]()
    for incoming in ReadUpload()(io.BytesIO(sample.file), CSV):
        try:
            details = incoming.details(IMPORT)
        except InvalidLead:
            continue
        found.setdefault(details.email_key, details)
    ids, now = UuidV7Ids(), SystemClock().now()
    return [Lead.new(LeadId(ids.new()), details, now) for details in found.values()]


async def bare_copy(server_url: str, watch: Stopwatch, leads: Sequence[Lead]) -> None:
    """One COPY into the table of leads, of records that are made ready before."""
    values = [lead_values(lead) for lead in leads]
    names = list(values[0])
    records = [tuple(row.values()) for row in values]
    async with a_database(server_url) as url:
        connection = await asyncpg.connect(url)
        with watch:
            await connection.copy_records_to_table("leads", records=records, columns=names)
        _exactly(len(leads), await connection.fetchval("SELECT count(*) FROM leads"))
        await connection.close()


async def sql_stage(
    server_url: str, watch: Stopwatch, leads: Sequence[Lead], *, leads_only: bool = False
) -> None:
    """What a merge says to the database for leads that nobody knows, batch by batch.

    Who is known, who is suppressed, the leads, and an event of each; or the leads only.
    """
    batches = [leads[first : first + BATCH] for first in range(0, len(leads), BATCH)]
    ids, added = UuidV7Ids(), 0
    async with a_database(server_url) as url:
        database = SqlDatabase(url)
        await database.ping()
        with watch:
            for batch in batches:
                async with database() as work:
                    if not leads_only:
                        await work.leads.matching([], [lead.email_key for lead in batch])
                        await work.suppressed.among(batch)
                    added += len(await work.leads.add_new(batch))
                    if not leads_only:
                        await work.timeline.add([created(ids, lead, BY) for lead in batch])
        _exactly(len(leads), added)
        await database.close()


async def end_to_end(server_url: str, watch: Stopwatch, sample: Sample) -> None:
    """A worker's run over a staged file: parse, validate, normalise, merge, write, count."""
    async with a_database(server_url) as url, a_system({"DATABASE_URL": url}) as system:
        await import_staged(system, watch, sample)
        connection = await asyncpg.connect(url)
        for table in ("leads", "timeline"):
            count = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
            _exactly(sample.counts.created, count)
        await connection.close()


async def import_staged(system: System, watch: Stopwatch, sample: Sample) -> None:
    """Only the run is timed, not the upload before it; its counts are checked one by one."""
    run = await system.crm.import_leads(_pieces(sample.file), CSV)
    (claimed,) = await system.crm.run_syncs.claim(1, system.syncs.pace.lease)
    with watch:
        await system.crm.run_syncs.perform(claimed)
    ended = await system.crm.get_sync_run(run.id)
    _exactly((SyncState.SUCCEEDED, sample.counts), (ended.state, ended.counts))


async def row_by_row(server_url: str, watch: Stopwatch, sample: Sample) -> None:
    """What a plain program does: for each row of the file a prepared SELECT by its address and,
    where nobody is found, a prepared INSERT, each committed by itself.

    It does less than an import for each row: the address is only matched with a pattern and
    lowered, there is no timeline, nobody is suppressed, and no row is told what was wrong.
    """
    async with a_database(server_url) as url:
        connection = await asyncpg.connect(url)
        find = await connection.prepare(
            "SELECT id FROM leads WHERE email_key = $1 AND deleted_at IS NULL"
        )
        names = list(lead_values(leads_of(sample)[0]))
        places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
        put = await connection.prepare(
            f"INSERT INTO leads ({', '.join(names)}) VALUES ({places})"  # noqa: S608
        )
        with watch:
            for row in csv.DictReader(io.StringIO(sample.file.decode(), newline="")):
                values = _plain_values(row)
                if values and await find.fetchval(values["email_key"]) is None:
                    await put.fetch(*(values[name] for name in names))
        _exactly(sample.counts.created, await connection.fetchval("SELECT count(*) FROM leads"))
        await connection.close()


def _plain_values(row: dict[str, str]) -> dict[str, Any] | None:
    name, email, company = row["Name"].strip(), row["E-Mail"].strip(), row["Company"].strip()
    if not name or not LOOKS_LIKE_AN_ADDRESS.fullmatch(email):
        return None
    now = SystemClock().now()
    return {
        "id": UuidV7Ids().new(),
        "name": name,
        "email": email,
        "email_key": email.lower(),
        "phone": row["Phone"].strip() or None,
        "company": company or None,
        "job_title": row["Job title"].strip() or None,
        "notes": row["Notes"].strip() or None,
        "status": "new",
        "source": IMPORT,
        "external_id": None,
        "summary": None,
        "next_action": None,
        "summary_status": "none",
        "summarized_at": None,
        "insight": None,
        "basis": None,
        "activities": 0,
        "stage_moves": 0,
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
        "version": 1,
        "name_key": folded(name),
        "phone_key": row["Phone"].replace(" ", "") or None,
        "search_text": folded(f"{name}\n{email}\n{company}"),
    }


async def _pieces(file: bytes) -> AsyncIterator[bytes]:
    yield file


def _exactly(wanted: object, found: object) -> None:
    if wanted != found:
        raise LoadFailed(f"{found} is not {wanted}")
