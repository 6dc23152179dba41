"""The bare list: key, limit, one prepared select along the index, one encoding, a plain cursor."""

from argparse import Namespace
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import msgspec

from bench.limits.asgi import answer, knows_key
from bench.limits.rows import SELECT, Lead, lead_of, prepared
from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send

QUERY = f"{SELECT} ORDER BY created_at DESC, id DESC LIMIT $1"


class Page(msgspec.Struct, frozen=True):
    items: list[Lead]
    next_cursor: str | None


@asynccontextmanager
async def opened(chosen: Namespace) -> AsyncIterator[ASGIApp]:
    encode = msgspec.json.Encoder().encode

    async with prepared(chosen.database, QUERY) as select:

        async def app(scope: Scope, _: Receive, send: Send) -> None:
            if not knows_key(scope):
                return await answer(send, 401, b"")
            try:
                limit = int(parse_qs(scope["query_string"])[b"limit"][0])
            except (KeyError, ValueError):
                return await answer(send, 400, b"")
            rows = await select.fetch(limit + 1)
            leads = [lead_of(row) for row in rows[:limit]]
            following = _cursor(leads[-1]) if len(rows) > limit else None
            return await answer(send, 200, encode(Page(leads, following)))

        yield app


def _cursor(last: Lead) -> str:
    return urlsafe_b64encode(f"{last.created_at},{last.id}".encode()).decode()
