"""The bare read: key, id, one prepared select by primary key, one encoding."""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from bench.limits.asgi import answer, knows_key
from bench.limits.rows import SELECT, lead_of, prepared
from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send

QUERY = f"{SELECT} AND id = $1"


@asynccontextmanager
async def opened(chosen: Namespace) -> AsyncIterator[ASGIApp]:
    encode = msgspec.json.Encoder().encode

    async with prepared(chosen.database, QUERY) as select:

        async def app(scope: Scope, _: Receive, send: Send) -> None:
            if not knows_key(scope):
                return await answer(send, 401, b"")
            try:
                lead_id = UUID(scope["path"].removeprefix("/leads/"))
            except ValueError:
                return await answer(send, 404, b"")
            rows = await select.fetch(lead_id)
            if not rows:
                return await answer(send, 404, b"")
            return await answer(send, 200, encode(lead_of(rows[0])))

        yield app
