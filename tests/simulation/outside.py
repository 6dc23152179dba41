"""The AI and the lead sources as the processes meet them; both remember what they said."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from domain.errors import FailureType, LeadSourceFailed, SummarizerFailed
from domain.incoming import IncomingLead
from domain.insight import SummarizerAnswer
from domain.ports import LeadSource, Summarizer
from domain.summary_input import SummaryInput
from tests.builders import an_insight
from tests.simulation.history import History, Offered, Said
from tests.simulation.loop import PROCESS
from tests.simulation.weather import Weather

FAILURES = [
    *[FailureType.UNAVAILABLE, FailureType.TIMEOUT, FailureType.QUOTA] * 3,
    FailureType.SCHEMA,
    FailureType.TRUNCATED,
    FailureType.UNGROUNDED,
    FailureType.BLOCKED,
    FailureType.INTERNAL,
]


class SimulatedAi(Summarizer):
    """Never says the same twice, and names the lead it speaks of."""

    def __init__(self, weather: Weather, history: History) -> None:
        self.refuses_credentials = False
        self._told: dict[str, set[str]] = {}
        self._weather = weather
        self._history = history
        self._calls = count(1)

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        email, call = known.facts["email"], next(self._calls)
        self._history.figures["AI calls"] += 1
        told = self._told.setdefault(PROCESS.get().name, set())
        told.discard(email)
        await asyncio.sleep(self._duration())
        told.add(email)
        failure = self._failure()
        if failure is not None:
            self._history.add(Said(email, None, failure.type.value))
            await self._weather.hop()
            if failure.type is FailureType.INTERNAL:
                raise ZeroDivisionError
            raise failure
        insight = an_insight(
            summary=f"{email} said so.", next_action=f"Call in {call} days.", due_in_days=call
        )
        self._history.add(Said(email, insight, None))
        await self._weather.hop()
        return SummarizerAnswer(insight=insight, provider="ai", model="m", prompt_version="1")

    def has_told(self, process: str, email: str) -> bool:
        """Whether the process's last call about this address was answered."""
        return email in self._told.get(process, set())

    def _duration(self) -> float:
        """Now and then longer than a lease."""
        chance = self._weather.chance
        return chance.uniform(*chance.choices([(0, 0.3), (0.3, 3), (10, 25)], [5, 4, 1])[0])

    def _failure(self) -> SummarizerFailed | None:
        if self.refuses_credentials:
            return SummarizerFailed(FailureType.CREDENTIALS, "wrong key")
        if not self._weather.strikes_with(self._weather.failures):
            return None
        wait = timedelta(seconds=self._weather.chance.uniform(0, 5))
        wished = wait if self._weather.chance.random() < 0.5 else None
        return SummarizerFailed(self._weather.chance.choice(FAILURES), "no", retry_after=wished)


@dataclass(frozen=True, slots=True)
class SimulatedSource(LeadSource):
    """Offers new people, known ones with a blank filled, and rows that make no sense."""

    called: str
    weather: Weather
    history: History
    known: Sequence[str]
    """The addresses of leads that clients made."""
    _numbers: "count[int]"

    @property
    def name(self) -> str:
        return self.called

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        offered: list[str] = []
        for _ in range(2):
            await self.weather.hop()
            if self.weather.strikes_with(self.weather.failures):
                raise LeadSourceFailed("unavailable", "503")
            fresh = f"{self.called}{next(self._numbers)}@example.com"
            emails = [fresh, *self.known[:1], *offered[:1]]
            offered += emails
            rows = [{"name": "Grace", "email": email, "company": "Navy"} for email in emails]
            yield [IncomingLead(row) for row in (*rows, {"name": ""})]
        self.history.add(Offered(self.called, tuple(offered)))
