"""No cache: every read goes to the database."""

from datetime import timedelta

from application.ports import Cache, Document, Hit, Miss


class NoCache(Cache):
    async def read(self, key: str, token: str) -> Hit | Miss:  # noqa: ARG002 - nothing is kept
        return Miss(None)

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:  # noqa: ARG002
        return False

    async def fence(self, key: str, floor: int) -> None:
        """Nothing is kept."""

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:  # noqa: ARG002
        return False
