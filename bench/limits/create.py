"""The bare insert: key, typed body, one autocommitted row in the same table, one encoding.

It checks types, lengths and the form of the address, finds out about a taken e-mail by the same
unique index, and fills the columns that lists are sorted and searched by. What it leaves out is
what our ratio pays for: Unicode rules, every broken rule named, the timeline's event and the
suppression lifted in one transaction, request ids, metrics, logs, deadlines.
"""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

import asyncpg  # type: ignore[import-untyped]
import msgspec
from msgspec import Meta
from uuid_utils.compat import uuid7

from bench.limits.asgi import answer, body_of, knows_key
from bench.limits.rows import Lead, prepared
from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send

INSERT = """
    INSERT INTO leads (
        id, name, email, email_key, phone, company, job_title, notes, status, source, external_id,
        summary, next_action, summary_status, summarized_at, insight, basis, activities,
        stage_moves, created_at, updated_at, deleted_at, version, name_key, search_text
    ) VALUES (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
        NULL, NULL, 'none', NULL, NULL, NULL, 0, 0, $12, $12, NULL, 1, $13, $14
    )
"""


class NewLead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: Annotated[str, Meta(max_length=50)] | None = None
    company: Annotated[str, Meta(max_length=200)] | None = None
    job_title: Annotated[str, Meta(max_length=200)] | None = None
    notes: Annotated[str, Meta(max_length=10_000)] | None = None
    status: Literal["new", "contacted", "qualified", "unqualified", "converted"] = "new"
    source: Annotated[str, Meta(min_length=1, max_length=50)] = "manual"
    external_id: Annotated[str, Meta(max_length=200)] | None = None


@asynccontextmanager
async def opened(chosen: Namespace) -> AsyncIterator[ASGIApp]:
    encode = msgspec.json.Encoder().encode
    decode = msgspec.json.Decoder(NewLead).decode

    async with prepared(chosen.database, INSERT) as insert:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not knows_key(scope):
                return await answer(send, 401, b"")
            try:
                lead = _lead(decode(await body_of(receive)))
            except msgspec.ValidationError as error:
                return await answer(send, 422, str(error).encode())
            try:
                await insert.fetch(*_values(lead))
            except asyncpg.UniqueViolationError:
                return await answer(send, 409, b"")
            return await answer(send, 201, encode(lead))

        yield app


def _lead(given: NewLead) -> Lead:
    now = datetime.now(UTC)
    return Lead(
        uuid7(), given.name, given.email, given.phone, given.company, given.job_title,
        given.notes, given.status, given.source, given.external_id,
        None, None, "none", None, now, now, 1,
    )  # fmt: skip


def _values(lead: Lead) -> tuple[object, ...]:
    name_key, email_key = lead.name.casefold(), lead.email.lower()
    searched = f"{name_key}\n{email_key}\n{(lead.company or '').casefold()}"
    return (
        lead.id, lead.name, lead.email, email_key, lead.phone, lead.company, lead.job_title,
        lead.notes, lead.status, lead.source, lead.external_id, lead.created_at,
        name_key[:100], searched,
    )  # fmt: skip
