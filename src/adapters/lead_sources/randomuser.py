"""Leads from the random-user API: names and addresses, never its demographics."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import msgspec

from adapters.lead_sources._http import JsonReader
from adapters.lead_sources._pages import refuse_repeated
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource

PAGE = 1_000
"""Of the 5,000 that the API hands out at most: a page that fails is soon asked for again."""


class _Answer(msgspec.Struct):
    results: list[object]
    info: object = None


class RandomUserSource(LeadSource):
    """`size` users per fetch, page by page of the first answer's seed: none twice, none skipped.

    `deadline` bounds what a whole fetch may wait for the API, retries and pages included; what
    is done with a page meanwhile does not count.
    """

    def __init__(
        self,
        url: str,
        size: int,
        *,
        allow_private: bool = False,
        deadline: timedelta = timedelta(seconds=30),
    ) -> None:
        self._url = url
        self._size = size
        self._deadline = deadline
        self._reader = JsonReader(allow_private=allow_private)

    @property
    def name(self) -> str:
        return "randomuser"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        params = {"results": str(min(self._size, PAGE))}
        left, seconds = self._size, self._deadline.total_seconds()
        seen = set[bytes]()
        while left > 0:
            began = time.monotonic()
            answer = await self._page(params, seconds)
            seconds -= time.monotonic() - began
            users = answer.results[:left]
            if not users:
                return
            refuse_repeated(answer.results, seen)
            yield [IncomingLead(_fields_of(user)) for user in users]
            left -= len(users)
            if len(users) < PAGE:
                return
            if "page" not in params:
                params |= _seed_of(answer)
            params["page"] = str(int(params.get("page", "1")) + 1)

    async def close(self) -> None:
        await self._reader.close()

    async def _page(self, params: Mapping[str, str], seconds: float) -> _Answer:
        document = await self._reader.read(self._url, params, seconds)
        try:
            return msgspec.convert(document, _Answer)
        except msgspec.ValidationError:
            raise LeadSourceFailed("malformed", "the answer holds no list of results") from None


def _seed_of(answer: _Answer) -> dict[str, str]:
    """Without it every page would hold other users, some of them again."""
    seed = answer.info.get("seed") if isinstance(answer.info, Mapping) else None
    return {"seed": seed} if isinstance(seed, str) else {}


def _fields_of(user: object) -> dict[str, object]:
    """What there is of the user, of whatever type, so that a broken one is counted."""
    if not isinstance(user, Mapping):
        return {}
    name, login = user.get("name"), user.get("login")
    fields: dict[str, object] = {
        "name": _full_name(name) if isinstance(name, Mapping) else name,
        "email": user.get("email"),
        "phone": user.get("phone"),
        "external_id": login.get("uuid") if isinstance(login, Mapping) else login,
    }
    return {field: value for field, value in fields.items() if value is not None}


def _full_name(name: Mapping[str, object]) -> object:
    parts = [part for part in (name.get("first"), name.get("last")) if part is not None]
    strings = [part for part in parts if isinstance(part, str)]
    return " ".join(strings) if len(strings) == len(parts) else parts
