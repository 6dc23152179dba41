"""Keep leads at hand without ever showing a state older than what was committed.

A writer fences the key just before its commit and puts the committed row after it. A reader
that misses fills only while its own token stands, so no old row can slip in between. Within
one process, a reader joins a flight only if that flight's token still stands: then nothing
was committed since the flight took off.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from application.ports import Cache, Document, Hit, Ids, Jitter, LeadEncoder
from domain.lead import Lead, LeadId

TIME_TO_LIVE = timedelta(seconds=60)
REMEMBERED = 8192
"""Leads whose keys are not written again."""
HIT, JOINED, MISS = "hit", "joined", "miss"


@dataclass(frozen=True, slots=True)
class LeadCache:
    """`reads` counts how many were spared the database by a document or another's flight."""

    cache: Cache
    encode: LeadEncoder
    ids: Ids
    jitter: Jitter
    prefix: str = "crm:2:lead:"
    reads: dict[str, int] = field(default_factory=lambda: {HIT: 0, JOINED: 0, MISS: 0}, init=False)
    _flights: dict[str, "asyncio.Future[Document]"] = field(default_factory=dict, init=False)
    _key_of: Callable[[LeadId], str] = field(init=False)
    _tokens: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        """What each read takes is made here, as it costs more than all the rest of a hit."""
        tokens = map(f"{self.ids.new().hex}%d".__mod__, count())
        object.__setattr__(self, "_tokens", tokens)
        keys = lru_cache(REMEMBERED)(lambda lead_id: f"{self.prefix}{lead_id}")
        object.__setattr__(self, "_key_of", keys)

    async def read(self, lead_id: LeadId, load: Callable[[LeadId], Awaitable[Lead]]) -> Document:
        """The cached document, or what `load` finds; what `load` raises goes through."""
        key = self._key_of(lead_id)
        if (document := self.cache.at_hand(key)) is not None:
            self.reads[HIT] += 1
            return document
        token = next(self._tokens)
        found = await self.cache.read(key, token)
        if isinstance(found, Hit):
            self.reads[HIT] += 1
            return found.document
        flight = self._flights.get(found.token) if found.token else None
        if flight is not None:
            self.reads[JOINED] += 1
            return await asyncio.shield(flight)
        self.reads[MISS] += 1
        if found.token == token:
            return await self._fly(key, token, lead_id, load)
        return self._document(await load(lead_id))

    async def before_commit(self, leads: Sequence[Lead]) -> None:
        await _all(self.cache.fence(self._key(lead), lead.version) for lead in leads)

    async def after_commit(self, leads: Sequence[Lead]) -> None:
        await _all(
            self.cache.put(self._key(lead), self._document(lead), self._ttl())
            for lead in leads
            # nothing is kept of a deleted lead: its fence has dropped what stood there
            if not lead.deleted_at
        )

    async def _fly(
        self, key: str, token: str, lead_id: LeadId, load: Callable[[LeadId], Awaitable[Lead]]
    ) -> Document:
        flight: asyncio.Future[Document] = asyncio.ensure_future(
            self._load_and_fill(key, token, lead_id, load)
        )
        self._flights[token] = flight
        flight.add_done_callback(lambda _: self._flights.pop(token, None))
        return await asyncio.shield(flight)

    async def _load_and_fill(
        self, key: str, token: str, lead_id: LeadId, load: Callable[[LeadId], Awaitable[Lead]]
    ) -> Document:
        document = self._document(await load(lead_id))
        await self.cache.fill(key, token, document, self._ttl())
        return document

    def _key(self, lead: Lead) -> str:
        return self._key_of(lead.id)

    def _document(self, lead: Lead) -> Document:
        return Document(lead.version, self.encode(lead))

    def _ttl(self) -> timedelta:
        return TIME_TO_LIVE * (0.9 + 0.2 * self.jitter.chance())


async def _all(calls: Iterable[Coroutine[Any, Any, object]]) -> None:
    """All at once; most often it is one, which needs no task of its own."""
    awaited = [*calls]
    if len(awaited) == 1:
        await awaited[0]
    else:
        await asyncio.gather(*awaited)
