"""What the machine itself offers: time, ids and chance."""

import random
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

from application.ports import Clock, Ids, Jitter


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class UuidV7Ids(Ids):
    def new(self) -> UUID:
        return uuid_utils.compat.uuid7()


class SystemJitter(Jitter):
    def chance(self) -> float:
        return random.random()  # noqa: S311 - spreads retries, guards nothing
