"""GeminiSummarizer keeps the promise of its port, against a Gemini that misbehaves."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest

from adapters.summarizers.gemini import GeminiSummarizer
from domain.errors import FailureType
from tests.contracts.summarizers import AMPLE, SECRETIVE, ProviderContract, known_of
from tests.fakes.gemini import KEY, FakeGemini


class TestGeminiSummarizer(ProviderContract):
    adapter = "summarizers.gemini"

    @pytest.fixture
    def provider(self) -> Iterator[FakeGemini]:
        with FakeGemini() as fake:
            yield fake

    @pytest.fixture
    async def summarizer_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Callable[[str, timedelta], GeminiSummarizer]]:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        opened: list[GeminiSummarizer] = []

        def build(url: str, timeout: timedelta) -> GeminiSummarizer:
            opened.append(GeminiSummarizer(KEY, "gemini-fake", url, timeout))
            return opened[-1]

        yield build
        for summarizer in opened:
            await summarizer.close()

    @pytest.fixture
    def summarizer(
        self,
        provider: FakeGemini,
        summarizer_at: Callable[[str, timedelta], GeminiSummarizer],
    ) -> GeminiSummarizer:
        return summarizer_at(provider.url, AMPLE)

    @pytest.mark.parametrize(
        ("misbehaviour", "type"),
        [
            ("recitation", FailureType.BLOCKED),
            ("gave_up", FailureType.SCHEMA),
            pytest.param(
                "unheard_of",
                FailureType.SCHEMA,
                marks=pytest.mark.filterwarnings("ignore:WENT_FISHING"),
            ),
        ],
    )
    async def test_each_end_has_its_type(
        self,
        summarizer: GeminiSummarizer,
        provider: FakeGemini,
        misbehaviour: str,
        type: FailureType,
    ) -> None:
        provider.mood.misbehave(misbehaviour)

        assert (await self.failure_of(summarizer)).type is type

    async def test_thinking_is_paid_output(
        self, summarizer: GeminiSummarizer, provider: FakeGemini
    ) -> None:
        provider.mood.misbehave("all_thought")

        failure = await self.failure_of(summarizer)

        assert failure.usage.output_tokens == summarizer.worst_case(SECRETIVE).output_tokens

    @pytest.mark.parametrize(
        ("model", "thinking"),
        [
            ("gemini-flash-latest", {"thinking_level": "LOW"}),
            ("gemini-3.8-flash", {"thinking_level": "LOW"}),
            ("gemini-3-pro", {"thinking_level": "LOW"}),
            ("gemini-2.5-flash", {"thinking_budget": 512}),
            ("gemini-2.0-flash", None),
            ("gemma-3", None),
        ],
    )
    async def test_it_thinks_little_where_it_can_be_told_to(
        self, provider: FakeGemini, model: str, thinking: dict[str, object] | None
    ) -> None:
        summarizer = GeminiSummarizer(KEY, model, provider.url, AMPLE)
        await summarizer.summarize(known_of())
        await summarizer.close()

        sent = json.loads(provider.server.requests[0].body)
        told = sent["generationConfig"].get("thinkingConfig")
        assert told == thinking

    async def test_the_model_is_the_one_that_answered(self, summarizer: GeminiSummarizer) -> None:
        answer = await summarizer.summarize(known_of())

        assert answer.model == "gemini-fake-001"

    async def test_a_wrong_key_is_about_credentials(self, provider: FakeGemini) -> None:
        summarizer = GeminiSummarizer("AIza-another", "gemini-fake", provider.url, AMPLE)

        failure = await self.failure_of(summarizer)
        await summarizer.close()

        assert failure.type is FailureType.CREDENTIALS

    async def test_the_environment_has_no_say(
        self, summarizer: GeminiSummarizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOGLE_API_KEY", "another")
        monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
        monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")

        answer = await summarizer.summarize(known_of())

        assert answer.insight.summary


@pytest.mark.parametrize("key", ["", "  ", "two words", "kéy", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        GeminiSummarizer(key, "gemini-fake", None, AMPLE)


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    script = (
        "import sys; from datetime import timedelta;"
        "from adapters.summarizers.gemini import GeminiSummarizer;"
        "GeminiSummarizer('a-key', 'a-model', None, timedelta(seconds=1));"
        "sys.exit('google.genai' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


async def test_warming_up_loads_the_library_and_asks_nobody() -> None:
    with FakeGemini() as fake:
        summarizer = GeminiSummarizer(KEY, "gemini-fake", fake.url, AMPLE)
        await summarizer.warm_up()
        await summarizer.close()

    assert "google.genai" in sys.modules
    assert fake.server.requests == []
