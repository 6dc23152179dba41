"""Leads from the random-user API: names and addresses, never its demographics."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import msgspec

from adapters.lead_sources._http import JsonReader, deadline_in
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource

PAGE = 5_000
"""What the API hands out at most at once."""


class _Info(msgspec.Struct):
    seed: str = ""


class _Answer(msgspec.Struct):
    results: list[object]
    info: _Info = msgspec.field(default_factory=_Info)


class RandomUserSource(LeadSource):
    """`size` users per fetch; `deadline` spans a whole fetch, retries and pages included."""

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
        deadline = deadline_in(self._deadline)
        params = {"results": str(min(self._size, PAGE))}
        left = self._size
        while left > 0:
            answer = await self._page(params, deadline)
            users = answer.results[:left]
            if not users:
                return
            yield [IncomingLead(_fields_of(user)) for user in users]
            left -= len(users)
            if len(users) < PAGE:
                return
            # without the seed, every page would hold other users, some of them again
            page = int(params.get("page", "1")) + 1
            params |= {"page": str(page), "seed": answer.info.seed}

    async def close(self) -> None:
        await self._reader.close()

    async def _page(self, params: Mapping[str, str], deadline: float) -> _Answer:
        document = await self._reader.read(self._url, params, deadline)
        try:
            return msgspec.convert(document, _Answer)
        except msgspec.ValidationError:
            raise LeadSourceFailed("malformed", "the answer holds no list of results") from None


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
