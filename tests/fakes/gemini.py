"""A Gemini that speaks the real wire format, on a loopback port or as a process of its own."""

import argparse
import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from tests.fakes.http_server import HttpServer, Reply, Request
from tests.fakes.insights import ANSWERS, Known, insight_on
from tests.fakes.language_model import REPLIES, Mood, known_in, tokens_of

KEY = "AIza-a-key-for-tests"
_PATH = re.compile(r"/(?P<version>v1|v1beta)/models/(?P<model>[\w.-]+):generateContent")


class FakeGemini:
    """Answers while the `with` block is open; tell it how through `mood`."""

    def __init__(self, port: int = 0, key: str = KEY, mood: Mood | None = None) -> None:
        self.mood = mood or Mood()
        self.server = HttpServer(self._handle, port)
        self._key = key

    @property
    def url(self) -> str:
        """What the client takes as its base URL."""
        return self.server.url

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _handle(self, request: Request) -> Reply:
        path = _PATH.fullmatch(request.path)
        if path is None or request.method != "POST" or not _knows(path["version"], path["model"]):
            return _error(404, "NOT_FOUND")
        if request.headers.get("x-goog-api-key") != self._key:
            return _wrong_key()
        try:
            asked = _asked(json.loads(request.body), path["model"])
        except (KeyError, IndexError, TypeError, ValueError):
            return _error(400, "INVALID_ARGUMENT")
        reply = _reply(self.mood.answer(asked.known), asked, len(self.mood.calls))
        return replace(
            reply,
            delay=reply.delay + self.mood.delay,
            delivered=lambda: self.mood.delivered(asked.known),
        )


def _knows(version: str, model: str) -> bool:
    """The names that move with each release are known to the beta alone."""
    return version == "v1beta" or not model.endswith("-latest")


@dataclass(frozen=True, slots=True)
class _Asked:
    known: Known
    model: str
    tokens: int
    limit: int
    """Of output tokens, thinking included."""


def _asked(body: dict[str, Any], model: str) -> _Asked:
    """A well-formed request; any of four errors if it is not one."""
    wanted = body["generationConfig"]
    if wanted["responseMimeType"] != "application/json":
        raise ValueError
    schema = wanted["responseJsonSchema"]
    if set(schema["required"]) != set(schema["properties"]):
        raise ValueError
    told = body["systemInstruction"]["parts"][0]["text"]
    asked = body["contents"][0]["parts"][0]["text"]
    tokens = tokens_of(told + asked + json.dumps(schema))
    return _Asked(known_in(asked), model, tokens, wanted["maxOutputTokens"])


def _reply(misbehaviour: str | None, asked: _Asked, call: int) -> Reply:
    good = _answer(asked, json.dumps(insight_on(asked.known)))
    if misbehaviour is None:
        return Reply(body=good)
    if misbehaviour in ANSWERS:
        return Reply(body=_answer(asked, ANSWERS[misbehaviour](asked.known, call)))
    if misbehaviour in REPLIES:
        return REPLIES[misbehaviour](good)
    return MISBEHAVIOURS[misbehaviour](asked)


def _answer(
    asked: _Asked, text: str | None, finish: str = "STOP", thought: str = "Let me think."
) -> bytes:
    content: dict[str, object] = {"role": "model"}
    if text is not None:
        content["parts"] = [{"text": thought, "thought": True}, {"text": text}]
    return json.dumps(
        {
            "candidates": [{"content": content, "finishReason": finish, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": asked.tokens,
                "candidatesTokenCount": tokens_of(text or ""),
                "thoughtsTokenCount": tokens_of(thought),
            },
            "modelVersion": f"{asked.model}-001",
        }
    ).encode()


def _error(status: int, name: str, *details: Mapping[str, str]) -> Reply:
    message = f"This is {name}, asked by {KEY} about Ada."
    error = {"code": status, "message": message, "status": name, "details": details}
    return Reply(status, json.dumps({"error": error}).encode())


def _wrong_key(_: object = None) -> Reply:
    info = "type.googleapis.com/google.rpc.ErrorInfo"
    return _error(400, "INVALID_ARGUMENT", {"@type": info, "reason": "API_KEY_INVALID"})


def _quota(_: _Asked) -> Reply:
    failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure"}
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}
    return _error(429, "RESOURCE_EXHAUSTED", failure, retry)


def _quota_by_header(_: _Asked) -> Reply:
    return replace(_error(429, "RESOURCE_EXHAUSTED"), headers={"retry-after": "11"})


def _blocked_prompt(asked: _Asked) -> Reply:
    feedback = {"blockReason": "PROHIBITED_CONTENT"}
    body = {"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": asked.tokens}}
    return Reply(body=json.dumps(body).encode())


def _thoughtful(asked: _Asked) -> Reply:
    return Reply(body=_answer(asked, None, "MAX_TOKENS", thought="hm " * asked.limit))


def _no_candidates(asked: _Asked) -> Reply:
    body = {"usageMetadata": {"promptTokenCount": asked.tokens}}
    return Reply(body=json.dumps(body).encode())


def _ends(finish: str, text: str | None = None) -> Callable[[_Asked], Reply]:
    return lambda asked: Reply(body=_answer(asked, text, finish))


MISBEHAVIOURS: Mapping[str, Callable[[_Asked], Reply]] = {
    "quota": _quota,
    "quota_by_header": _quota_by_header,
    "wrong_key": _wrong_key,
    "forbidden": lambda _: _error(403, "PERMISSION_DENIED"),
    "bad_request": lambda _: _error(400, "INVALID_ARGUMENT"),
    "unknown_model": lambda _: _error(404, "NOT_FOUND"),
    "blocked_prompt": _blocked_prompt,
    "blocked": _ends("SAFETY"),
    "recitation": _ends("RECITATION"),
    "truncated": _ends("MAX_TOKENS", '{"summary": "Ada is'),
    "all_thought": _thoughtful,
    "gave_up": _ends("OTHER"),
    "no_candidates": _no_candidates,
    "unheard_of": _ends("WENT_FISHING"),
}
"""Ways to fail that are Gemini's own, beside those of every language model."""


def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--delay", type=float, default=0.0, help="seconds before each reply")
    options.add_argument("--log", type=Path, help="gets one JSON line per call and reply")
    options.add_argument("--key", default=KEY)
    options.add_argument("--misbehave", choices=sorted({*ANSWERS, *REPLIES, *MISBEHAVIOURS}))
    options.add_argument("--times", type=int, help="for so many calls; for good unless told")
    chosen = options.parse_args()

    mood = Mood(delay=chosen.delay, log=chosen.log)
    mood.misbehave(chosen.misbehave, chosen.times)
    with FakeGemini(chosen.port, chosen.key, mood) as fake, suppress(KeyboardInterrupt):
        sys.stdout.write(f"ready at {fake.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
