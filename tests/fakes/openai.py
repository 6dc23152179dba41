"""An OpenAI-compatible server that speaks the real wire format, on a loopback port."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

from tests.fakes.http_server import HttpServer, Reply, Request
from tests.fakes.language_model import ANSWERS, REPLIES, Mood, facts_in, insight_on

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
            body = json.loads(request.body)
            facts = _facts_asked(body)
        except (KeyError, IndexError, TypeError, ValueError):
            return _error(400, "invalid_value")
        reply = _reply(self.mood.answer(facts), facts, body["model"])
        return replace(
            reply,
            delay=reply.delay + self.mood.delay,
            delivered=lambda: self.mood.delivered(facts),
        )


def _facts_asked(body: dict[str, Any]) -> dict[str, str]:
    """The facts in a well-formed request; any of four errors if it is not one."""
    system, user = body["messages"]
    if (system["role"], user["role"]) != ("system", "user"):
        raise ValueError
    wanted = body["response_format"]
    schema = wanted["json_schema"]["schema"]
    if wanted["type"] != "json_schema" or wanted["json_schema"]["strict"] is not True:
        raise ValueError
    # what strict mode demands of every object
    if schema["type"] != "object" or schema["additionalProperties"] is not False:
        raise ValueError
    if set(schema["required"]) != set(schema["properties"]):
        raise ValueError
    return facts_in(user["content"])


def _reply(misbehaviour: str | None, facts: Mapping[str, str], model: str) -> Reply:
    good = _answer({"content": json.dumps(insight_on(facts))}, model=model)
    if misbehaviour is None:
        return Reply(body=good)
    if misbehaviour in ANSWERS:
        return Reply(body=_answer({"content": ANSWERS[misbehaviour]}, model=model))
    return {**REPLIES, **MISBEHAVIOURS}[misbehaviour](good)


def _answer(message: Mapping[str, object], finish: str = "stop", model: str = "gpt-fake") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 190, "completion_tokens": 45, "total_tokens": 235}
    body = {"object": "chat.completion", "model": f"{model}-001"}
    return json.dumps({**body, "choices": [choice], "usage": usage}).encode()


def _error(status: int, code: str, **headers: str) -> Reply:
    message = f"This is {code}, asked by {KEY} about Ada."
    error = {"message": message, "type": "an_error", "param": None, "code": code}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": error}).encode(), headers=names)


def _quota_until_a_date(_: bytes) -> Reply:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    return _error(429, "rate_limit_exceeded", retry_after=until)


def _ends(finish: str, **message: object) -> Callable[[bytes], Reply]:
    return lambda _: Reply(body=_answer(message, finish))


MISBEHAVIOURS: Mapping[str, Callable[[bytes], Reply]] = {
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
    "blocked": _ends("content_filter", content=None),
    "refusal": _ends("stop", content=None, refusal="I can't help with that."),
    "truncated": _ends("length", content='{"summary": "Ada is'),
    "all_thought": _ends("length", content=""),
    "no_content": _ends("stop"),
}
"""Ways to fail that are this format's own, beside those of every language model."""
