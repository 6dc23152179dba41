"""What became of everything, told by the database and the AIs' own logs alone."""

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg  # type: ignore[import-untyped]

from tests.chaos.crew import Kill
from tests.fakes.insights import Known, insight_on

Row: TypeAlias = Any
"""One lead with its runs; asyncpg has no types."""
FRESH_SECONDS = 1.0
"""An answer that is older than this when its worker is killed was long committed."""
DONE = "succeeded"
LEADS = """
SELECT leads.id::text, email, leads.version, leads.summary, next_action,
       array_agg(runs.id::text) AS runs, array_agg(runs.state) AS states,
       array_agg(runs.error->>'type') AS errors
FROM leads JOIN summary_runs AS runs ON runs.lead_id = leads.id GROUP BY leads.id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One paid call, by the AI's log: `answered_at` is None where nobody got the answer."""

    log: Path
    email: str
    known: Known
    at: float
    answered_at: float | None


@dataclass(frozen=True, slots=True)
class Hits:
    """What kills met: how many hit a held lease, and how many an answer before its commit."""

    holding: int
    before_commit: int
    retaken_after: list[float]
    """Seconds from each kill until the AI was asked again for each lead that it hit."""


def leads_with_runs(url: str) -> list[Row]:
    async def fetch() -> list[Row]:
        connection = await asyncpg.connect(url)
        try:
            return list(await connection.fetch(LEADS))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def calls_in(logs: Iterable[Path]) -> list[Asked]:
    """Every call to every AI, in the order of their arrival."""
    calls = []
    for log in logs:
        waiting: dict[str, tuple[float, Known]] = {}
        for line in log.read_text().splitlines():
            told = json.loads(line)
            email = told["known"]["facts"]["email"]
            if told["outcome"] == "delivered":
                at, known = waiting.pop(email)
                calls.append(Asked(log, email, known, at, told["at"]))
            else:
                if email in waiting:
                    # its worker was killed before it could be answered
                    calls.append(_unanswered(log, email, waiting))
                waiting[email] = told["at"], told["known"]
        calls += [_unanswered(log, email, waiting) for email in list(waiting)]
    return sorted(calls, key=lambda call: call.at)


def _unanswered(log: Path, email: str, waiting: dict[str, Any]) -> Asked:
    at, known = waiting.pop(email)
    return Asked(log, email, known, at, None)


def hits_of(kills: Collection[Kill], calls: Collection[Asked]) -> Hits:
    """A lead was hit where the AI had been asked by the killed worker, and was asked again."""
    holding = before_commit = 0
    retaken = []
    for kill in kills:
        victims = [call for call in calls if call.log == kill.log and _is_under_way(call, kill.at)]
        again = [(call, _next_after(kill.at, call.email, calls)) for call in victims]
        hit = [(call, later - kill.at) for call, later in again if later is not None]
        retaken += [seconds for _, seconds in hit]
        holding += bool(hit)
        before_commit += any(call.answered_at and call.answered_at < kill.at for call, _ in hit)
    return Hits(holding, before_commit, sorted(retaken))


def _is_under_way(call: Asked, at: float) -> bool:
    if call.answered_at is None:
        return call.at < at < call.at + 60
    return call.at < at < call.answered_at + FRESH_SECONDS


def _next_after(at: float, email: str, calls: Collection[Asked]) -> float | None:
    return next((call.at for call in calls if call.email == email and call.at > at), None)


def lost(rows: Collection[Row], leads: Collection[str], runs: Collection[str]) -> list[str]:
    """Acknowledged leads that are not there, and runs that did not succeed, with their state."""
    there = {row["id"] for row in rows}
    states = {
        run: told
        for row in rows
        for run, *told in zip(row["runs"], row["states"], row["errors"], strict=True)
    }
    missing = [lead for lead in leads if lead not in there]
    unfinished = [f"{run}: {states.get(run)}" for run in runs if states.get(run, [""])[0] != DONE]
    return missing + unfinished


def doubled(rows: Collection[Row]) -> list[str]:
    """Leads whose runs left more, or less, than one accepted result each: two versions a run."""
    return [row["email"] for row in rows if row["version"] != 1 + 2 * len(row["runs"])]


def invented(rows: Collection[Row], calls: Collection[Asked]) -> list[str]:
    """Leads with a summary that no AI gave for them."""
    given: dict[str, set[tuple[str, str]]] = {}
    for call in calls:
        insight = insight_on(call.known)
        given.setdefault(call.email, set()).add((insight["summary"], insight["next_action"]))
    return [
        row["email"]
        for row in rows
        if row["summary"] is not None
        and (row["summary"], row["next_action"]) not in given.get(row["email"], set())
    ]
