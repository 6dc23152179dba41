"""OpenAISummarizer keeps the promise of its port, against a server that misbehaves."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest

from adapters.summarizers.openai import OPENAI, OpenAISummarizer, limit_name
from domain.errors import FailureType
from tests.contracts.summarizers import AMPLE, ProviderContract, known_of
from tests.fakes.openai import KEY, FakeOpenAI


class TestOpenAISummarizer(ProviderContract):
    adapter = "summarizers.openai"

    @pytest.fixture
    def provider(self) -> Iterator[FakeOpenAI]:
        with FakeOpenAI() as fake:
            yield fake

    @pytest.fixture
    async def summarizer_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Callable[[str, timedelta], OpenAISummarizer]]:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        opened: list[OpenAISummarizer] = []

        def build(url: str, timeout: timedelta) -> OpenAISummarizer:
            opened.append(OpenAISummarizer(KEY, "gpt-fake", url, timeout))
            return opened[-1]

        yield build
        for summarizer in opened:
            await summarizer.close()

    @pytest.fixture
    def summarizer(
        self,
        provider: FakeOpenAI,
        summarizer_at: Callable[[str, timedelta], OpenAISummarizer],
    ) -> OpenAISummarizer:
        return summarizer_at(provider.url, AMPLE)

    @pytest.mark.parametrize(
        ("misbehaviour", "type"),
        [
            ("quota_of_money", FailureType.QUOTA),
            ("quota_as_bad_request", FailureType.QUOTA),
            ("wrong_key_as_bad_request", FailureType.CREDENTIALS),
            ("refusal", FailureType.BLOCKED),
            ("no_content", FailureType.SCHEMA),
        ],
    )
    async def test_each_code_and_end_has_its_type(
        self,
        summarizer: OpenAISummarizer,
        provider: FakeOpenAI,
        misbehaviour: str,
        type: FailureType,
    ) -> None:
        provider.mood.misbehave(misbehaviour)

        assert (await self.failure_of(summarizer)).type is type

    async def test_a_date_to_retry_after_is_a_wait_from_now(
        self, summarizer: OpenAISummarizer, provider: FakeOpenAI
    ) -> None:
        provider.mood.misbehave("quota_until_a_date")

        failure = await self.failure_of(summarizer)

        assert failure.retry_after is not None
        assert timedelta(seconds=60) < failure.retry_after <= timedelta(seconds=120)

    async def test_the_model_is_the_one_that_answered(self, summarizer: OpenAISummarizer) -> None:
        answer = await summarizer.summarize(known_of())

        assert answer.model == "gpt-fake-001"


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        (OPENAI, "max_completion_tokens"),
        ("https://eu.api.openai.com/v1", "max_completion_tokens"),
        ("https://us.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("http://127.0.0.1:11434/v1", "max_tokens"),
        ("https://openai.com.example/v1", "max_tokens"),
    ],
)
def test_the_limit_has_the_name_that_is_heeded_there(base_url: str, name: str) -> None:
    assert limit_name(f"{base_url}/chat/completions") == name


async def test_a_server_that_asks_for_no_key_gets_none() -> None:
    with FakeOpenAI(key=None) as fake:
        summarizer = OpenAISummarizer(None, "llama-fake", f"{fake.url}/", AMPLE)
        answer = await summarizer.summarize(known_of())
        await summarizer.close()

    assert answer.insight.summary


async def test_a_wrong_key_is_about_credentials() -> None:
    with FakeOpenAI(key="another") as fake:
        summarizer = OpenAISummarizer(KEY, "gpt-fake", fake.url, AMPLE)
        failure = await TestOpenAISummarizer().failure_of(summarizer)
        await summarizer.close()

    assert failure.type is FailureType.CREDENTIALS


@pytest.mark.parametrize("key", ["  ", "two words", "kéy", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        OpenAISummarizer(key, "gpt-fake", None, AMPLE)
