"""No rate limit: everything may be done at once."""

from datetime import timedelta

from application.ports import RateLimit


class NoRateLimit(RateLimit):
    async def acquire(self) -> timedelta | None:
        return None
