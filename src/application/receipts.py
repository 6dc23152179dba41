"""Answer a request that comes again as it was answered first.

A use case claims the request's key before anything else, and keeps what is answered as the last
thing, both in the transaction of its work: after a crash there is the work and its answer, or
neither. A refusal rolls back, so nothing is kept of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from application.ports import Answer, KeptAnswer, KeyedRequest, UnitOfWork, UnitsOfWork
from domain.errors import IdempotencyKeyReused

KEPT = timedelta(hours=24)


class AlreadyAnswered(Exception):
    """Leaves the transaction of a request that was answered before; `answer` is what it got."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("this request was answered before")
        self.answer = answer


class Receipt(Protocol):
    """What a use case is handed with a request that may come again."""

    async def claim(self, work: UnitOfWork) -> None:
        """Before anything else in the transaction.

        AlreadyAnswered, IdempotencyKeyReused, IdempotencyKeyInFlight.
        """
        ...

    async def keep(self, work: UnitOfWork, result: object) -> None:
        """The last thing in the transaction, with what the use case returns."""
        ...


class NoReceipt(Receipt):
    """For a request without a key: nothing is asked of the store, and nothing kept."""

    async def claim(self, work: UnitOfWork) -> None:
        pass

    async def keep(self, work: UnitOfWork, result: object) -> None:
        pass


NO_RECEIPT = NoReceipt()


@dataclass(frozen=True, slots=True)
class KeyReceipt(Receipt):
    """`answer` says what the caller is told of the use case's result."""

    request: KeyedRequest
    answer: Callable[[Any], Answer]

    async def claim(self, work: UnitOfWork) -> None:
        kept = await work.receipts.claim(self.request, KEPT)
        if kept is not None:
            self.recall(kept)

    def recall(self, kept: KeptAnswer) -> NoReturn:
        """AlreadyAnswered, or IdempotencyKeyReused if another request was answered."""
        if kept.fingerprint != self.request.fingerprint:
            raise IdempotencyKeyReused
        raise AlreadyAnswered(kept.answer)

    async def keep(self, work: UnitOfWork, result: object) -> None:
        await work.receipts.keep(self.request, self.answer(result))


@dataclass(frozen=True, slots=True)
class PurgeReceipts:
    unit_of_work: UnitsOfWork

    async def __call__(self, limit: int) -> int:
        """Forget up to `limit` answers whose time is over; how many there were."""
        async with self.unit_of_work() as work:
            return await work.receipts.purge(KEPT, limit)
