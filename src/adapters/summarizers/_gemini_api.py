"""One call to Gemini through Google's library, and what each of its answers means."""

import re

import msgspec
import pydantic
from google import genai
from google.genai import errors, types

from adapters.summarizers._http import bounded_client, refused, wait_of, wait_of_header
from adapters.summarizers._insight import insight_schema, model_name, read_insight, token_count
from adapters.summarizers._prompt import MAX_OUTPUT_TOKENS, VERSION, instruction, question
from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer, Usage
from domain.summary_input import SummaryInput

_BLOCKED = {
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
    "ESCALATION", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
}  # fmt: skip
_TRUNCATED = {"MAX_TOKENS", "CONTINUATION"}
_FINISHED = {"STOP", "FINISH_REASON_UNSPECIFIED"}
_THINKING = 512
"""Tokens, where thinking is measured in them: it comes out of the limit that the answer has."""
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


class GeminiApi:
    """Google's client over a bounded HTTP client of our own; neither retries."""

    def __init__(self, api_key: str, model: str, base_url: str) -> None:
        self._model = model
        self._http = bounded_client()
        self._client = genai.Client(
            # said outright, as the library would otherwise ask the environment
            vertexai=False,
            api_key=api_key,
            http_options=types.HttpOptions(
                base_url=base_url,
                # the names that move with each release are known to the beta alone
                api_version="v1beta" if model.endswith("-latest") else "v1",
                httpx_async_client=self._http,
            ),
        )
        self._config = types.GenerateContentConfig(
            system_instruction=instruction(),
            response_mime_type="application/json",
            response_json_schema=insight_schema(),
            max_output_tokens=MAX_OUTPUT_TOKENS,
            thinking_config=_little_thinking(model),
            candidate_count=1,
            # both would turn one call into several paid ones
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )

    async def answer(self, known: SummaryInput) -> SummarizerAnswer:
        """SummarizerFailed for what the provider says; transport errors come as they are."""
        asked = question(known)
        try:
            response = await self._client.aio.models.generate_content(
                model=self._model, contents=asked, config=self._config
            )
        except errors.APIError as error:
            raise _refusal(error) from None
        except (pydantic.ValidationError, TypeError, AttributeError, RecursionError):
            # the library trips over JSON of another shape in each of these ways
            detail = "the provider's answer has not the shape of one"
            raise SummarizerFailed(FailureType.SCHEMA, detail) from None
        except ValueError:
            detail = "the provider's answer is not JSON"
            raise SummarizerFailed(FailureType.UNAVAILABLE, detail) from None
        return self._read(response)

    async def close(self) -> None:
        await self._http.aclose()
        self._client.close()

    def _read(self, response: types.GenerateContentResponse) -> SummarizerAnswer:
        usage = _usage_of(response)
        _check_finished(response, usage)
        return SummarizerAnswer(
            insight=read_insight(response.text, usage, instruction()),
            provider="gemini",
            model=model_name(response.model_version, self._model),
            prompt_version=VERSION,
            usage=usage,
        )


def _little_thinking(model: str) -> types.ThinkingConfig | None:
    """What there is of it, by the model's generation; older ones refuse to be told."""
    if "gemini-2.5-" in model:
        return types.ThinkingConfig(thinking_budget=_THINKING)
    if "gemini-1" in model or "gemini-2.0-" in model or "gemini-" not in model:
        return None
    return types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)


def _usage_of(response: types.GenerateContentResponse) -> Usage:
    told = response.usage_metadata or types.GenerateContentResponseUsageMetadata()
    return Usage(
        input_tokens=token_count(told.prompt_token_count),
        output_tokens=token_count(told.candidates_token_count, told.thoughts_token_count),
    )


def _check_finished(response: types.GenerateContentResponse, usage: Usage) -> None:
    def failed(type: FailureType, detail: str) -> SummarizerFailed:
        return SummarizerFailed(type, detail, usage=usage)

    feedback = response.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        raise failed(FailureType.BLOCKED, "the provider blocked the prompt")
    if not response.candidates:
        raise failed(FailureType.SCHEMA, "the provider's answer holds no candidate")
    reason = response.candidates[0].finish_reason
    name = reason.name if reason is not None else "STOP"
    if name in _BLOCKED:
        raise failed(FailureType.BLOCKED, f"the provider blocked the answer: {name}")
    if name in _TRUNCATED:
        raise failed(FailureType.TRUNCATED, "the answer hit the limit of output tokens")
    if name not in _FINISHED:
        raise failed(FailureType.SCHEMA, "the model ended without an answer")


class _Detail(msgspec.Struct):
    reason: str = ""
    retry_delay: str = msgspec.field(default="", name="retryDelay")


class _Error(msgspec.Struct):
    details: list[_Detail] = []


class _ErrorBody(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


def _refusal(error: errors.APIError) -> Exception:
    try:
        details = msgspec.convert(error.details, type=_ErrorBody).error.details
    except msgspec.ValidationError:
        details = []
    delays = [_DURATION.fullmatch(detail.retry_delay) for detail in details]
    waits = [wait_of(float(delay[1])) for delay in delays if delay is not None]
    header = wait_of_header(getattr(error.response, "headers", {}).get("retry-after"))
    # Google answers a wrong key with a plain 400
    wrong_key = any(detail.reason == "API_KEY_INVALID" for detail in details)
    return refused(
        error.code,
        waits[0] if waits else header,
        FailureType.CREDENTIALS if wrong_key else None,
    )
