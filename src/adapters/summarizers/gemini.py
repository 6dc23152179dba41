"""Summaries by Google's Gemini; its library is loaded when it is first needed, not before."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.summarizers._http import api_key_of, typed_failures
from adapters.summarizers._prompt import worst_case_of
from domain.insight import SummarizerAnswer, Usage
from domain.ports import Paid, Summarizer, WarmsUp
from domain.summary_input import SummaryInput

if TYPE_CHECKING:
    from adapters.summarizers._gemini_api import GeminiApi

GOOGLE = "https://generativelanguage.googleapis.com/"


class GeminiSummarizer(Summarizer, Paid, WarmsUp):
    """`timeout` spans a whole call; a `base_url` of None is Google's own.

    ValueError if the key cannot be one.
    """

    def __init__(self, api_key: str, model: str, base_url: str | None, timeout: timedelta) -> None:
        self._api_key = api_key_of(api_key)
        self.model = model
        self._base_url = base_url or GOOGLE
        self._timeout = timeout
        self._opening = asyncio.Lock()
        self._api: GeminiApi | None = None

    async def warm_up(self) -> None:
        """Load the library now, in a thread, so that the first call need not wait for it."""
        await self._opened()

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        async with typed_failures(self._timeout):
            api = await self._opened()
            return await api.answer(known)

    def worst_case(self, known: SummaryInput) -> Usage:
        return worst_case_of(known)

    async def close(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def _opened(self) -> "GeminiApi":
        async with self._opening:
            if self._api is None:
                self._api = await asyncio.to_thread(self._open)
            return self._api

    def _open(self) -> "GeminiApi":
        from adapters.summarizers._gemini_api import GeminiApi  # noqa: PLC0415 - slow to import

        return GeminiApi(self._api_key, self.model, self._base_url)
