"""Reads of one lead: from a cache against raw ASGI, and from the database against bare asyncpg."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from bench.answers import answer_of, must_be_alike
from bench.engines import Engines, engines
from bench.leads import PATH
from bench.load import Load
from bench.options import Options
from bench.rounds import Contender, compared, interleaved
from bench.servers import NotStarted, Server, bare, ours
from bench.table import Bar, Line

LEADS = 10_000
UNCACHED = "uncached GET /leads/{id}"
HOT = Load("GET", PATH.format(id=f"{7:012x}"))
COLD = Load("GET", PATH, count=LEADS)
CACHES = {
    # one process has both, as a cache in its own memory allows no second one
    "memory": ("serve", Bar(0.60), 3.0),
    "tiered": ("api", Bar(0.60), 3.0),
    "redis": ("api", Bar(0.30), 6.0),
}


async def cached(options: Options) -> list[Line]:
    """One hot lead, from each cache, against raw ASGI with as many bytes."""
    async with engines(LEADS) as own, AsyncExitStack() as stack:
        served, refused = await _caches(own, stack)
        if not served:
            raise NotStarted("; ".join(why for _, why in refused))
        size = len(answer_of(next(iter(served.values())).target, HOT).content)
        raw = stack.enter_context(bare("constant", "--bytes", str(size)))
        contenders = {name: Contender(server, HOT) for name, server in served.items()}
        found = await interleaved({"raw": Contender(raw, HOT), **contenders}, options, own.pids)
    lines = [
        compared(
            cached_by(name),
            found[name],
            found["raw"],
            "raw ASGI",
            bar=CACHES[name][1],
            p99_bar=CACHES[name][2],
        )
        for name in served
    ]
    return lines + [Line(work=cached_by(n), note=why) for n, why in refused]


async def uncached(options: Options) -> list[Line]:
    """Ten thousand leads in turn, with `CRM_CACHE=none`."""
    async with engines(LEADS) as own, AsyncExitStack() as stack:
        api = stack.enter_context(ours("api", {**own.environ, "CRM_CACHE": "none"}))
        limit = stack.enter_context(bare("read", "--database", own.database))
        one = replace(COLD, count=1, first=7)
        must_be_alike(answer_of(api.target, one), answer_of(limit.target, one))
        found = await interleaved(
            {"ours": Contender(api, COLD), "bare": Contender(limit, COLD)},
            options.of_database,
            own.pids,
        )
    return [
        compared(
            UNCACHED,
            found["ours"],
            found["bare"],
            "bare asyncpg",
            bar=Bar(0.80),
        )
    ]


async def _caches(
    own: Engines, stack: AsyncExitStack
) -> tuple[Mapping[str, Server], list[tuple[str, str]]]:
    """The servers by the cache that they run with, and why others do not run."""
    served, refused = {}, []
    for name, (command, _, __) in CACHES.items():
        environ = {**own.environ, "CRM_CACHE": name}
        try:
            served[name] = stack.enter_context(ours(command, environ))
        except NotStarted as why:
            refused.append((name, f"skipped: {why}"))
    return served, refused


def cached_by(name: str) -> str:
    """The line's name, by that of the cache."""
    return f"cached GET /leads/{{id}}, {name}"
