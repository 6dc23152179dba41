"""No rate limit: every call may begin at once."""

from datetime import timedelta
from uuid import UUID

from application.ports import RateLimit


class NoRateLimit(RateLimit):
    async def begin(self, call: UUID) -> timedelta | None:  # noqa: ARG002 - nothing is counted
        return None

    async def end(self, call: UUID) -> None:
        """Nothing is counted."""
