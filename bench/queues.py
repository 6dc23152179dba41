"""Queues, by formula and by simulation: how long requests wait where servers are busy."""

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Draw: TypeAlias = Callable[[random.Random], float]
"""Seconds that one request keeps a server."""


@dataclass(frozen=True, slots=True)
class Station:
    """Servers that requests pass one after the other.

    `shared`: one line for all servers, as rows wait for whichever worker is free. Otherwise a
    request goes to a server at random and waits for that one, as behind a plain balancer.
    """

    servers: int
    draw: Draw
    shared: bool = True


def exponential(mean: float) -> Draw:
    """Mostly short, sometimes long: the harder case."""
    return lambda chance: chance.expovariate(1 / mean)


def constant(seconds: float) -> Draw:
    return lambda _: seconds


def erlang_c(servers: int, load: float) -> float:
    """The chance that a request must wait, where `load` servers' worth of work arrives.

    Poisson arrivals, exponential service, one line; 1.0 where more arrives than can be done.
    """
    if load >= servers:
        return 1.0
    # Erlang B by its recursion, which neither overflows nor loses digits
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(servers: int, rate: float, seconds: float) -> float:
    """Seconds in the line on average; infinite where it grows without end."""
    load = rate * seconds
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * seconds / (servers - load)


def servers_needed(rate: float, seconds: float, may_wait: float) -> int:
    """The fewest servers with which at most this share of the requests waits at all."""
    servers = math.floor(rate * seconds) + 1
    while erlang_c(servers, rate * seconds) > may_wait:
        servers += 1
    return servers


def simulated(stations: Sequence[Station], rate: float, requests: int, seed: int) -> list[float]:
    """Seconds from arrival to the end of the last station, of each request after a warm-up.

    Arrivals are Poisson; the same seed gives the same figures.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation that can be repeated
    arrived, now = [], 0.0
    for _ in range(requests):
        now += chance.expovariate(rate)
        arrived.append(now)
    at = list(arrived)
    for station in stations:
        at = _passed(station, at, chance)
    # the first tenth finds empty lines
    return [end - began for began, end in zip(arrived, at, strict=True)][requests // 10 :]


def quantile(seconds: Sequence[float], share: float) -> float:
    return sorted(seconds)[min(len(seconds) - 1, math.ceil(share * len(seconds)) - 1)]


def _passed(station: Station, arrivals: Sequence[float], chance: random.Random) -> list[float]:
    """When each request leaves the station; first come, first served."""
    left = [0.0] * len(arrivals)
    free = [0.0] * station.servers
    for request in sorted(range(len(arrivals)), key=arrivals.__getitem__):
        if station.shared:
            end = max(arrivals[request], free[0]) + station.draw(chance)
            heapq.heapreplace(free, end)
        else:
            server = chance.randrange(station.servers)
            end = max(arrivals[request], free[server]) + station.draw(chance)
            free[server] = end
        left[request] = end
    return left
