"""Say whether this process can do its work: the database is a must, all else degrades."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from application.ports import Probe

DEADLINE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Health:
    """`parts` says `ok` or `away` by name."""

    ready: bool
    parts: Mapping[str, str]

    @property
    def status(self) -> str:
        if not self.ready:
            return "unavailable"
        return "ok" if all(state == "ok" for state in self.parts.values()) else "degraded"


@dataclass(frozen=True, slots=True)
class CheckHealth:
    database: Probe
    others: Mapping[str, Probe]

    async def __call__(self) -> Health:
        names = ("database", *self.others)
        states = await asyncio.gather(
            *(_state(probe) for probe in (self.database, *self.others.values()))
        )
        return Health(ready=states[0] == "ok", parts=dict(zip(names, states, strict=True)))


async def _state(probe: Probe) -> str:
    try:
        await asyncio.wait_for(probe.ping(), DEADLINE.total_seconds())
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is away
        return "away"
    return "ok"
