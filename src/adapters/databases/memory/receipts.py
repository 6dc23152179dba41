"""Answers by the requests that got them, in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.databases.memory.tables import ReceiptRow, Tables
from application.ports import Answer, KeptAnswer, KeyedRequest, ReceiptRepository


class MemoryReceipts(ReceiptRepository):
    """Writers take turns, so no other transaction can have taken a key."""

    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._receipts = tables.receipts
        self._now = now

    async def claim(self, request: KeyedRequest, kept: timedelta) -> KeptAnswer | None:
        now, place = self._now(), (request.scope, request.key)
        row = self._receipts.get(place)
        if row and row.answer and row.created_at > now - kept:
            return KeptAnswer(row.fingerprint, row.answer)
        self._receipts[place] = ReceiptRow(request.fingerprint, now)
        return None

    async def keep(self, request: KeyedRequest, answer: Answer) -> None:
        place = (request.scope, request.key)
        self._receipts[place] = replace(self._receipts[place], answer=answer)

    async def purge(self, kept: timedelta, limit: int) -> int:
        until = self._now() - kept
        old = [place for place, row in self._receipts.items() if row.created_at <= until][:limit]
        for place in old:
            del self._receipts[place]
        return len(old)
