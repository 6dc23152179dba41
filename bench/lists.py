"""Lists: the first page of a million leads against bare asyncpg, and page 20,000 against page 1."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bench.answers import answer_of, must_be_alike
from bench.engines import engines
from bench.leads import BEGAN, ID, table_bytes
from bench.load import Load
from bench.options import Options
from bench.rounds import Contender, compared, interleaved
from bench.servers import bare, ours
from bench.table import Bar, Line
from domain.lead_list import ALL_LEADS, LeadSort
from domain.ports import Position
from entrypoints.http.cursors import Cursors
from entrypoints.http.lead_query import LeadQuery
from tests.processes import KEY

LEADS, PAGE, DEEP = 1_000_000, 50, 20_000
FIRST_PAGE, ON_DISK = f"GET /leads?limit={PAGE}, 1 M leads", "1 M leads with their indexes"
FIRST = Load("GET", f"/leads?limit={PAGE}")


async def pages(options: Options) -> list[Line]:
    """Both through the API, in the same rounds."""
    async with engines(LEADS) as own, AsyncExitStack() as stack:
        api = stack.enter_context(ours("api", own.environ))
        limit = stack.enter_context(bare("page", "--database", own.database))
        ours_first, limit_first = answer_of(api.target, FIRST), answer_of(limit.target, FIRST)
        must_be_alike(ours_first, limit_first, but=("next_cursor",))
        deep = replace(FIRST, path=f"{FIRST.path}&cursor={_cursor()}")
        if len(answer_of(api.target, deep).json()["items"]) != PAGE:
            raise ValueError("the deep page is not full: it is not the one that was meant")
        found = await interleaved(
            {
                "ours": Contender(api, FIRST),
                "deep": Contender(api, deep),
                "bare": Contender(limit, FIRST),
            },
            options.of_database,
            own.pids,
        )
        size = await table_bytes(own.database)
    depth = compared("", found["deep"], found["ours"], "page 1")
    return [
        compared(
            FIRST_PAGE,
            found["ours"],
            found["bare"],
            "bare asyncpg + msgspec",
            bar=Bar(0.70),
        ),
        replace(
            depth,
            work=f"page {DEEP:,} / page 1, in time",
            ratio=1 / (depth.ratio or 1),
            bar=Bar(1.3, at_most=True),
        ),
        Line(work=ON_DISK, ours=size / 1e6, unit="MB"),
    ]


def _cursor() -> str:
    """To the last page of all, as the API itself would have signed it."""
    last = LEADS - (DEEP - 1) * PAGE
    at = Position(BEGAN + timedelta(seconds=last), UUID(f"{ID}{last:012x}"))
    return Cursors(KEY).at(at, LeadQuery(ALL_LEADS, LeadSort.NEWEST).of_list)
