"""The header Idempotency-Key: a request that comes again is answered as it was the first time."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, TypeAlias, TypeVar, cast
from weakref import WeakValueDictionary

import msgspec
from litestar import Response
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import HeaderParameter

from application.ports import Answer, KeptAnswer, KeyedRequest
from application.receipts import NO_RECEIPT, AlreadyAnswered, KeyReceipt, Receipt
from domain.errors import IdempotencyKeyInFlight
from entrypoints.http.parameters import AnyRequest

HEADER, REPLAYED = "idempotency-key", "idempotency-replayed"
KEY = "[!-~]{1,255}"
PATIENCE_SECONDS = 1.5
"""For a request of this process; one of another process may take a second more to wait for."""

IdempotencyKey: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        # not `pattern=`, whose refusal names the header wrongly
        schema_extra={"pattern": f"^{KEY}$"},
        description="A name of your own for this request: sent again within 24 hours it is not "
        "done again, and answered as it was the first time (docs/idempotency.md)",
    ),
]
R = TypeVar("R")
V = TypeVar("V")


@dataclass(eq=False)
class Turn:
    """`kept` is what was answered, and committed, while others waited for their turn."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    kept: KeptAnswer | None = None


class Turns:
    """Who comes with a key that is being answered in this process waits, and holds nothing."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[tuple[str, str], Turn] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, request: KeyedRequest) -> AsyncIterator[Turn]:
        """IdempotencyKeyInFlight if it takes too long."""
        turn = self._turns.setdefault((request.scope, request.key), Turn())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await turn.lock.acquire()
        except TimeoutError as error:
            raise IdempotencyKeyInFlight from error
        try:
            yield turn
        finally:
            turn.lock.release()


@dataclass(frozen=True, slots=True)
class AnsweredOnce:
    """Answers this request: by its key where it has one, whenever it comes where it has none."""

    turns: Turns
    request: KeyedRequest | None
    status: int
    """Of an answer that does not say its own."""

    async def __call__(
        self, perform: Callable[[Receipt], Awaitable[R]], shown: Callable[[R], Response[V]]
    ) -> Response[V]:
        """`perform` hands the receipt to the use case; `shown` is the answer to its result."""
        if self.request is None:
            return shown(await perform(NO_RECEIPT))
        receipt = KeyReceipt(self.request, lambda result: self._answer(shown(result)))
        async with self.turns.taken(self.request) as turn:
            try:
                if turn.kept is not None:
                    receipt.recall(turn.kept)
                response = shown(await perform(receipt))
            except AlreadyAnswered as found:
                answer, response = found.answer, cast("Response[V]", _replayed(found.answer))
            else:
                answer = self._answer(response)
            turn.kept = KeptAnswer(self.request.fingerprint, answer)
            return response

    def _answer(self, response: Response[Any]) -> Answer:
        body = msgspec.json.encode(response.content)
        return Answer(response.status_code or self.status, dict(response.headers), body)


Once: TypeAlias = NamedDependency[AnsweredOnce]


async def once(
    request: AnyRequest, state: State, idempotency_key: IdempotencyKey = None
) -> AnsweredOnce:
    """The dependency of every handler that answers a POST."""
    turns, status = state.turns, request.route_handler.status_code
    if idempotency_key is None:
        return AnsweredOnce(turns, None, status)
    if len(request.headers.getall(HEADER)) > 1:
        raise ClientException(f"{HEADER}: given more than once")
    if not re.fullmatch(KEY, idempotency_key):
        raise ClientException(f"{HEADER}: give 1 to 255 visible ASCII characters")
    keyed = KeyedRequest(_scope(request), idempotency_key, await _fingerprint(request))
    return AnsweredOnce(turns, keyed, status)


def _scope(request: AnyRequest) -> str:
    """The API key and the route with its ids; all paths of one handler are one route."""
    path_ids = (str(value) for value in request.path_params.values())
    key_id, route = request.scope["state"]["key_id"], min(request.route_handler.paths)
    return " ".join((key_id, request.method, route, *path_ids))


async def _fingerprint(request: AnyRequest) -> str:
    """The same for all spellings of one JSON document, as who asks again may write it anew."""
    query = sorted(request.query_params.multi_items())
    return sha256(msgspec.json.encode([query, _canonical(await request.body())])).hexdigest()


def _canonical(body: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    except (msgspec.DecodeError, ValueError):
        # none, or one that its handler does not read
        return body


def _replayed(answer: Answer) -> Response[bytes]:
    return Response(
        answer.body,
        status_code=answer.status,
        headers={**answer.headers, REPLAYED: "true"},
        media_type="application/json",
    )
