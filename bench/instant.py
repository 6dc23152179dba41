"""A summarizer that answers at once, or after a while, as a plug-in of the worker that is measured.

It takes money like a real one, so that every call is reserved and settled. It says what is known
of the lead, with its evidence, so that every check of an answer has its work.
"""

import asyncio
import collections
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from domain.insight import (
    Channel,
    Claim,
    Insight,
    NextActionType,
    Priority,
    SummarizerAnswer,
    Usage,
)
from domain.ports import Paid, Summarizer
from domain.summary_input import SummaryInput

EVERY = 0.002
"""Seconds of CPU between two samples of the profile."""


class Instant(Summarizer, Paid):
    """`CRM_SUMMARIZER_INSTANT_SECONDS` is how long an answer takes.

    `…_PEAK` names the file that is told how many were asked at once, `…_PROFILE` the one that is
    told where the process spent its time.
    """

    def __init__(self, settings: Any) -> None:
        values = settings.plugin_values
        self.model = "instant-1"
        self._seconds = float(values.get("CRM_SUMMARIZER_INSTANT_SECONDS", "0"))
        self._peak_file = Path(values["CRM_SUMMARIZER_INSTANT_PEAK"])
        self._asked = self._peak = 0
        profile = values.get("CRM_SUMMARIZER_INSTANT_PROFILE")
        self._samples = Samples(Path(profile)) if profile else None

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        self._asked += 1
        self._peak = max(self._peak, self._asked)
        if self._seconds:
            await asyncio.sleep(self._seconds)
        self._asked -= 1
        return SummarizerAnswer(
            insight=_insight(known),
            provider="instant",
            model=self.model,
            prompt_version="1",
            usage=Usage(900, 250),
        )

    def worst_case(self, known: SummaryInput) -> Usage:
        return Usage(sum(map(len, known.evidence.values())) + 3_000, 2_048)

    async def close(self) -> None:
        self._peak_file.write_text(str(self._peak))
        if self._samples:
            self._samples.tell()


def _insight(known: SummaryInput) -> Insight:
    facts, newest = known.facts, known.activities[0]
    name, company, title = facts["name"], facts["company"], facts["job_title"]
    return Insight(
        summary=f"{name} is {title} at {company}. The notes say that they want a demo of the"
        " reporting module before the budget closes on 2027-03-31, for 40 people."
        f" The last contact was the {newest.type} on {newest.on}.",
        next_action=f"Call {name} within 2 days to agree on a date for the demo.",
        next_action_type=NextActionType.DEMO,
        channel=Channel.PHONE,
        priority=Priority.HIGH,
        due_in_days=2,
        reason="They asked for a demo, and the budget closes on 31 March 2027.",
        claims=(
            Claim(f"{name} is {title} at {company}.", ("job_title", "company")),
            Claim("They want a demo of the reporting module for 40 people.", ("notes",)),
            Claim(f"The last contact was a {newest.type} on {newest.on}.", (newest.id,)),
        ),
    )


class Samples:
    """Where the main thread is, once for so much CPU time of the whole process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own: collections.Counter[str] = collections.Counter()
        self._within: collections.Counter[str] = collections.Counter()
        self._count = 0
        signal.signal(signal.SIGPROF, self._take)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def tell(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        lines = [f"{self._count} samples, one for each {EVERY * 1000:.0f} ms of CPU"]
        for title, counter in (("within", self._within), ("in itself", self._own)):
            lines += ["", f"% {title}"]
            lines += [
                f"{100 * n / self._count:5.1f}  {name}" for name, n in counter.most_common(70)
            ]
        self._file.write_text("\n".join(lines))

    def _take(self, _signal: int, frame: FrameType | None) -> None:
        names = list(_names(frame))
        self._count += 1
        self._own[names[0] if names else "?"] += 1
        self._within.update(set(names))


def _names(frame: FrameType | None) -> Sequence[str]:
    names = []
    while frame is not None:
        code = frame.f_code
        place = "/".join(code.co_filename.split("/")[-2:])
        names.append(f"{place}:{code.co_qualname}")
        frame = frame.f_back
    return names


if __name__ == "__main__":
    sys.exit("a plug-in: see bench.workers")
