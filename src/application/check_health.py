"""Say whether this process can do its work: the database is a must, all else degrades."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from application.last_syncs import LastSuccesses
from application.ports import Probe

DEADLINE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Health:
    """`parts` says `ok` or `away` by name.

    `syncs` says when each source was last read with success; None if that is not known now.
    """

    ready: bool
    parts: Mapping[str, str]
    syncs: LastSuccesses | None

    @property
    def status(self) -> str:
        if not self.ready:
            return "unavailable"
        return "ok" if all(state == "ok" for state in self.parts.values()) else "degraded"


@dataclass(frozen=True, slots=True)
class CheckHealth:
    database: Probe
    others: Mapping[str, Probe]
    last_syncs: Callable[[], Awaitable[LastSuccesses | None]]

    async def __call__(self) -> Health:
        names = ("database", *self.others)
        probes = (self.database, *self.others.values())
        syncs, states = await asyncio.gather(
            self.last_syncs(), asyncio.gather(*(_state(probe) for probe in probes))
        )
        ready = states[0] == "ok"
        parts = dict(zip(names, states, strict=True))
        return Health(ready=ready, parts=parts, syncs=syncs if ready else None)


async def _state(probe: Probe) -> str:
    try:
        await asyncio.wait_for(probe.ping(), DEADLINE.total_seconds())
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is away
        return "away"
    return "ok"
