"""An OpenAI-compatible server that speaks the real wire format, on a loopback port."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

from tests.fakes.http_server import HttpServer, Reply, Request
from tests.fakes.insights import ANSWERS, Known, insight_on
from tests.fakes.language_model import REPLIES, Mood, known_in, tokens_of

KEY = "sk-a-key-for-tests"


class FakeOpenAI:
    """Answers while the `with` block is open; tell it how through `mood`.

    A `key` of None stands for a server that asks for none.
    """

    def __init__(self, key: str | None = KEY) -> None:
        self.mood = Mood()
        self.server = HttpServer(self._handle)
        self._key = key

    @property
    def url(self) -> str:
        """What the client takes as its base URL."""
        return f"{self.server.url}/v1"

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _handle(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            return _error(404, "unknown_url")
        authorization = f"Bearer {self._key}" if self._key else None
        if request.headers.get("authorization") != authorization:
            return _error(401, "invalid_api_key")
        try:
            asked = _asked(json.loads(request.body))
        except (KeyError, IndexError, TypeError, ValueError):
            return _error(400, "invalid_value")
        reply = _reply(self.mood.answer(asked.known), asked, len(self.mood.calls))
        return replace(
            reply,
            delay=reply.delay + self.mood.delay,
            delivered=lambda: self.mood.delivered(asked.known),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    known: Known
    model: str
    tokens: int
    limit: int
    """Of output tokens, thinking included."""


def _asked(body: dict[str, Any]) -> _Asked:
    """A well-formed request; any of four errors if it is not one."""
    system, user = body["messages"]
    if (system["role"], user["role"]) != ("system", "user"):
        raise ValueError
    wanted = body["response_format"]
    schema = wanted["json_schema"]["schema"]
    if wanted["type"] != "json_schema" or wanted["json_schema"]["strict"] is not True:
        raise ValueError
    _check_strict(schema)
    tokens = tokens_of(system["content"] + user["content"] + json.dumps(schema))
    return _Asked(known_in(user["content"]), body["model"], tokens, body["max_tokens"])


def _check_strict(schema: dict[str, Any]) -> None:
    """What strict mode demands of every part of a schema."""
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    parts += [schema["items"]] if "items" in schema else []
    if not {"type", "anyOf"} & schema.keys() or {"maxLength", "title"} & schema.keys():
        raise ValueError
    if schema.get("type") == "object":
        if schema["additionalProperties"] is not False:
            raise ValueError
        if set(schema["required"]) != set(schema["properties"]):
            raise ValueError
    for part in parts:
        _check_strict(part)


def _reply(misbehaviour: str | None, asked: _Asked, call: int) -> Reply:
    good = _answer(asked, content=json.dumps(insight_on(asked.known)))
    if misbehaviour is None:
        return Reply(body=good)
    if misbehaviour in ANSWERS:
        return Reply(body=_answer(asked, content=ANSWERS[misbehaviour](asked.known, call)))
    if misbehaviour in REPLIES:
        return REPLIES[misbehaviour](good)
    return MISBEHAVIOURS[misbehaviour](asked)


def _answer(
    asked: _Asked,
    finish: str = "stop",
    content: str | None = None,
    refusal: str | None = None,
    thought: str = "Let me think.",
) -> bytes:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    thinking = tokens_of(thought)
    written = tokens_of(content or refusal or "") + thinking
    return json.dumps(
        {
            "object": "chat.completion",
            "model": f"{asked.model}-001",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {
                "prompt_tokens": asked.tokens,
                "completion_tokens": written,
                "total_tokens": asked.tokens + written,
                "completion_tokens_details": {"reasoning_tokens": thinking},
            },
        }
    ).encode()


def _error(status: int, code: str, **headers: str) -> Reply:
    message = f"This is {code}, asked by {KEY} about Ada."
    error = {"message": message, "type": "an_error", "param": None, "code": code}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": error}).encode(), headers=names)


def _quota_until_a_date(_: _Asked) -> Reply:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    return _error(429, "rate_limit_exceeded", retry_after=until)


def _ends(
    finish: str, content: str | None = None, refusal: str | None = None
) -> Callable[[_Asked], Reply]:
    return lambda asked: Reply(body=_answer(asked, finish, content, refusal))


def _no_choices(asked: _Asked) -> Reply:
    usage = {"prompt_tokens": asked.tokens, "completion_tokens": 0}
    return Reply(body=json.dumps({"choices": [], "usage": usage}).encode())


def _thoughtful(asked: _Asked) -> Reply:
    return Reply(body=_answer(asked, "length", "", thought="hm " * asked.limit))


MISBEHAVIOURS: Mapping[str, Callable[[_Asked], Reply]] = {
    "quota": lambda _: _error(429, "rate_limit_exceeded", retry_after="7.5"),
    "quota_by_header": lambda _: _error(429, "rate_limit_exceeded", retry_after="11"),
    "quota_until_a_date": _quota_until_a_date,
    "quota_of_money": lambda _: _error(429, "insufficient_quota"),
    "quota_as_bad_request": lambda _: _error(400, "billing_hard_limit_reached"),
    "wrong_key": lambda _: _error(401, "invalid_api_key"),
    "wrong_key_as_bad_request": lambda _: _error(400, "invalid_api_key"),
    "forbidden": lambda _: _error(403, "unsupported_country"),
    "bad_request": lambda _: _error(400, "invalid_value"),
    "unknown_model": lambda _: _error(404, "model_not_found"),
    "blocked_prompt": lambda _: _error(400, "content_filter"),
    "blocked": _ends("content_filter"),
    "refusal": _ends("stop", refusal="I can't help with that."),
    "truncated": _ends("length", content='{"summary": "Ada is'),
    "all_thought": _thoughtful,
    "no_content": _ends("stop"),
    "no_candidates": _no_choices,
}
"""Ways to fail that are this format's own, beside those of every language model."""
