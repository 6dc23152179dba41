"""Summaries by any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, …"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from adapters.summarizers._http import (
    api_key_of,
    bounded_client,
    refused,
    typed_failures,
    wait_of_header,
)
from adapters.summarizers._insight import insight_schema, model_name, read_insight, token_count
from adapters.summarizers._prompt import (
    MAX_OUTPUT_TOKENS,
    VERSION,
    instruction,
    question,
    worst_case_of,
)
from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer, Usage
from domain.ports import Paid, Summarizer
from domain.summary_input import SummaryInput

OPENAI = "https://api.openai.com/v1"
_TYPES_BY_CODE = {
    "insufficient_quota": FailureType.QUOTA,
    "billing_hard_limit_reached": FailureType.QUOTA,
    "invalid_api_key": FailureType.CREDENTIALS,
    "content_filter": FailureType.BLOCKED,
    "content_policy_violation": FailureType.BLOCKED,
}


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str | None = None
    usage: _Usage | None = None


class _Error(msgspec.Struct):
    code: str | int | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error


class OpenAISummarizer(Summarizer, Paid):
    """`timeout` spans a whole call; servers on one's own machine need no key.

    A `base_url` of None is OpenAI's own, and any other ends where `/chat/completions` begins.
    ValueError if the key cannot be one.
    """

    def __init__(
        self, api_key: str | None, model: str, base_url: str | None, timeout: timedelta
    ) -> None:
        self.model = model
        self._url = f"{(base_url or OPENAI).rstrip('/')}/chat/completions"
        self._headers = {"authorization": f"Bearer {api_key_of(api_key)}"} if api_key else {}
        self._timeout = timeout
        self._http = bounded_client()

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        async with typed_failures(self._timeout):
            response = await self._http.post(
                self._url, json=self._request(known), headers=self._headers
            )
            if not response.is_success:
                raise _refusal(response)
            return self._read(response.content)

    def worst_case(self, known: SummaryInput) -> Usage:
        return worst_case_of(known)

    async def close(self) -> None:
        await self._http.aclose()

    def _request(self, known: SummaryInput) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": instruction()},
                {"role": "user", "content": question(known)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "insight", "strict": True, "schema": insight_schema()},
            },
            limit_name(self._url): MAX_OUTPUT_TOKENS,
        }

    def _read(self, body: bytes) -> SummarizerAnswer:
        completion = _completion_in(body)
        usage = _usage_of(completion)
        return SummarizerAnswer(
            insight=read_insight(_text_of(completion, usage), usage, instruction()),
            provider="openai",
            model=model_name(completion.model, self.model),
            prompt_version=VERSION,
            usage=usage,
        )


def limit_name(url: str) -> str:
    """What the limit of output tokens, thinking included, is called at this address.

    OpenAI's newer models refuse the older name, and Ollama does not heed the newer one.
    """
    host = urlsplit(url).hostname or ""
    own = host.endswith((".openai.com", ".openai.azure.com"))
    return "max_completion_tokens" if own else "max_tokens"


def _completion_in(body: bytes) -> _Completion:
    try:
        return msgspec.json.decode(body, type=_Completion)
    except (msgspec.ValidationError, RecursionError):
        detail = "the provider's answer has not the shape of one"
        raise SummarizerFailed(FailureType.SCHEMA, detail) from None
    except ValueError:
        detail = "the provider's answer is not JSON"
        raise SummarizerFailed(FailureType.UNAVAILABLE, detail) from None


def _usage_of(completion: _Completion) -> Usage:
    told = completion.usage or _Usage()
    return Usage(
        input_tokens=token_count(told.prompt_tokens),
        output_tokens=token_count(told.completion_tokens),
    )


def _text_of(completion: _Completion, usage: Usage) -> str | None:
    def failed(type: FailureType, detail: str) -> SummarizerFailed:
        return SummarizerFailed(type, detail, usage=usage)

    if not completion.choices:
        raise failed(FailureType.SCHEMA, "the provider's answer holds no choice")
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise failed(FailureType.BLOCKED, "the provider blocked the answer")
    if choice.finish_reason == "length":
        raise failed(FailureType.TRUNCATED, "the answer hit the limit of output tokens")
    return choice.message.content


def _refusal(response: httpx.Response) -> Exception:
    try:
        code = msgspec.json.decode(response.content, type=_ErrorBody).error.code
    except (ValueError, RecursionError):
        code = None
    return refused(
        response.status_code,
        wait_of_header(response.headers.get("retry-after")),
        _TYPES_BY_CODE.get(str(code)),
    )
