"""What the world does to the processes, how often, and the network between them."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from tests.simulation.history import History, Hit
from tests.simulation.loop import PROCESS


@dataclass(slots=True, kw_only=True)
class Weather:
    """Shares are in [0, 1]; `strikes` is the mean number of steps between two, 0 means never."""

    chance: Random = field(repr=False)
    history: History = field(repr=False)
    strikes: int = 0
    slow_calls: float = 0.0
    lost_bells: float = 0.0
    lost_commits: float = 0.0
    lost_cache_calls: float = 0.0
    failures: float = 0.0
    evictions: float = 0.0
    """So many in a second."""
    troubles: bool = False
    """Wipes of the cache, outages of the database and bad credentials, one after the other."""

    @classmethod
    def of(cls, chance: Random, history: History) -> "Weather":
        """Fair in one world of eight; elsewhere every kind of trouble comes or stays away."""
        if chance.random() < 0.125:
            return cls(chance=chance, history=history)
        return cls(
            chance=chance,
            history=history,
            strikes=chance.choice([0, 100, 200, 400]),
            slow_calls=chance.choice([0.0, 0.002, 0.01]),
            lost_bells=chance.choice([0.0, 0.1, 1.0]),
            lost_commits=chance.choice([0.0, 0.02]),
            lost_cache_calls=chance.choice([0.0, 0.05]),
            failures=chance.choice([0.0, 0.2, 0.6]),
            evictions=chance.choice([0.0, 0.5, 1.5]),
            troubles=chance.random() < 0.7,
        )

    @property
    def is_fair(self) -> bool:
        """Whether nothing comes that makes a run cost more than one call of the AI."""
        return not (self.strikes or self.slow_calls or self.failures or self.troubles)

    def clear_up(self) -> None:
        self.strikes, self.troubles = 0, False
        self.slow_calls = self.lost_bells = self.lost_commits = 0.0
        self.lost_cache_calls = self.failures = self.evictions = 0.0

    def strikes_with(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share

    async def hop(self) -> None:
        """One way over the network: at once, in a moment, late, or after all deadlines."""
        if self.strikes_with(self.slow_calls):
            self.history.add(Hit(PROCESS.get().name))
            await asyncio.sleep(self.chance.uniform(1, 12))
        elif (fate := self.chance.random()) < 0.2:
            await asyncio.sleep(0.1 * fate if fate > 0.04 else 40 * fate)
        elif fate < 0.6:
            await asyncio.sleep(0)
