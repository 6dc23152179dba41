"""Writes: a lead taken in, and a summary acknowledged, against bare handlers on the same tables."""

import json
from contextlib import AsyncExitStack
from dataclasses import replace

from bench.answers import answer_of, must_be_alike
from bench.engines import engines
from bench.leads import PATH
from bench.load import Load
from bench.options import Options
from bench.rounds import Contender, compared, interleaved
from bench.servers import bare, ours
from bench.table import Bar, Line

CREATE, SUMMARIZE = "POST /leads", "POST …/summarize acknowledged"
LEADS = 1_000
PER_SECOND = 10_000
"""More than either side takes: no lead is used twice."""
NEW = {
    "name": "Ada Lovelace",
    "email": "ada{n}@example.com",
    "phone": "+44 20 7946 0958",
    "company": "Analytical Engines",
    "job_title": "Head of Sales",
    "notes": "Asked for a demo, decides in March.",
}


async def create(options: Options) -> list[Line]:
    """New leads, each with an address that nobody has."""
    per_round = round(PER_SECOND * options.seconds)
    post = Load("POST", "/leads", json.dumps(NEW), per_round, per_round, fresh=True)
    async with engines(LEADS, databases=2) as own, AsyncExitStack() as stack:
        api = stack.enter_context(ours("api", own.environ))
        limit = stack.enter_context(bare("create", "--database", own.bare_database))
        must_be_alike(
            answer_of(api.target, replace(post, first=1)),
            answer_of(limit.target, replace(post, first=1)),
            but=("id", "created_at", "updated_at"),
        )
        found = await interleaved(
            {"ours": Contender(api, post), "bare": Contender(limit, post)},
            options.of_database,
            own.pids,
        )
    return [compared(CREATE, found["ours"], found["bare"], "bare asyncpg insert", bar=Bar(0.60))]


async def summarize(options: Options) -> list[Line]:
    """Acknowledged, not done: no worker runs. Each lead is asked for once."""
    per_round = round(PER_SECOND * options.seconds)
    asked = Load("POST", f"{PATH}/summarize", "", 1, per_round, fresh=True)
    leads = 1 + per_round * (options.rounds + 1)
    async with engines(leads, databases=2) as own, AsyncExitStack() as stack:
        api = stack.enter_context(ours("api", own.environ))
        limit = stack.enter_context(
            bare("summarize", "--database", own.bare_database, "--redis", own.redis.url)
        )
        must_be_alike(
            answer_of(api.target, replace(asked, first=0)),
            answer_of(limit.target, replace(asked, first=0)),
            but=("run_id", "message"),
        )
        found = await interleaved(
            {"ours": Contender(api, asked), "bare": Contender(limit, asked)},
            options.of_database,
            own.pids,
            between=own.forget_jobs,
        )
    return [
        compared(
            SUMMARIZE,
            found["ours"],
            found["bare"],
            "bare insert + SAQ enqueue",
            bar=Bar(0.50),
        )
    ]
