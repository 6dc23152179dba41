"""Leads from the random-user API."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource


class RandomUserSource(LeadSource):
    def __init__(
        self,
        url: str,
        size: int,
        *,
        allow_private: bool = False,
        deadline: timedelta = timedelta(seconds=30),
    ) -> None:
        self._url, self._size = url, size
        self._client = httpx.AsyncClient(timeout=deadline.total_seconds())

    @property
    def name(self) -> str:
        return "randomuser"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        try:
            response = await self._client.get(self._url, params={"results": self._size})
            users = msgspec.json.decode(response.raise_for_status().content)["results"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise LeadSourceFailed("unavailable", type(error).__name__) from error
        if users:
            yield [IncomingLead(_fields(user)) for user in users]

    async def close(self) -> None:
        await self._client.aclose()


def _fields(user: Any) -> Mapping[str, object]:
    try:
        return {
            "name": f"{user['name']['first']} {user['name']['last']}",
            "email": user["email"],
            "phone": user.get("phone"),
            "external_id": user["login"]["uuid"],
        }
    except (KeyError, TypeError, AttributeError):
        return {}
