"""A model that does what a lead's text tells it to, on Gemini's wire format and on OpenAI's."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from tests.attacks import Attack, Obeyed
from tests.fakes.http_server import HttpServer, Reply, Request
from tests.fakes.insights import Known, insight_on
from tests.fakes.language_model import known_in


class ObedientModel:
    """Answers while the `with` block is open; `fell_for` names the attacks that it obeyed."""

    def __init__(self, attacks: Iterable[Attack]) -> None:
        self.attacks = [*attacks]
        self.fell_for: list[str] = []
        self.told = ""
        """What it was instructed at last."""
        self._before: Known = {"facts": {"name": "nobody", "email": "nobody"}}
        self.server = HttpServer(self._handle)

    @property
    def gemini_url(self) -> str:
        return self.server.url

    @property
    def openai_url(self) -> str:
        return f"{self.server.url}/v1"

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _handle(self, request: Request) -> Reply:
        is_gemini = request.path.endswith(":generateContent")
        asked = _gemini_asked(request) if is_gemini else _openai_asked(request)
        self.told = asked.told
        answer = self._answer(asked)
        return Reply(body=json.dumps((_gemini if is_gemini else _openai)(answer)).encode())

    def _answer(self, asked: "_Asked") -> Obeyed:
        before, self._before = self._before, asked.known
        texts = [*_strings(asked.known)]
        attack = next((it for it in self.attacks if _is_in(it, texts)), None)
        if attack is None:
            return json.dumps(insight_on(asked.known))
        self.fell_for.append(attack.name)
        seen = _seen(asked, before)
        if isinstance(attack.obeyed, str):
            return str(_filled(attack.obeyed, seen))
        if "functionCall" in attack.obeyed:
            return attack.obeyed
        obeyed = _filled(dict(attack.obeyed), seen)
        return json.dumps({**insight_on(asked.known), **obeyed}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    told: str
    key: str
    known: Known


def _gemini_asked(request: Request) -> _Asked:
    body = json.loads(request.body)
    told = body["systemInstruction"]["parts"][0]["text"]
    asked = body["contents"][0]["parts"][0]["text"]
    return _Asked(told, request.headers["x-goog-api-key"], known_in(asked))


def _openai_asked(request: Request) -> _Asked:
    system, user = json.loads(request.body)["messages"]
    key = request.headers["authorization"].removeprefix("Bearer ")
    return _Asked(system["content"], key, known_in(user["content"]))


def _seen(asked: _Asked, before: Known) -> Mapping[str, str]:
    words, key = asked.told.split(), asked.key
    middle = len(words) // 2
    opening = " ".join(words[:20])
    return {
        "instruction": asked.told,
        "opening": opening,
        "OPENING": opening.upper(),
        ".opening": "... ".join(words[:20]),
        "\u200bopening": "\u200b".join(opening),
        "opening half": " ".join(words[:10]),
        "other half": " ".join(words[10:20]),
        "middle": " ".join(words[middle : middle + 20]),
        "ending": " ".join(words[-20:]),
        "base64": base64.b64encode(opening.encode()).decode(),
        "key": key,
        "spaced key": " ".join(key),
        "other": before["facts"]["name"],
        "other email": before["facts"]["email"],
    }


def _filled(obeyed: Any, seen: Mapping[str, str]) -> Any:
    if isinstance(obeyed, str):
        return re.sub("«([^»]+)»", lambda mark: seen[mark[1]], obeyed)
    if isinstance(obeyed, dict):
        return {name: _filled(value, seen) for name, value in obeyed.items()}
    return [_filled(value, seen) for value in obeyed] if isinstance(obeyed, list) else obeyed


def _strings(known: Any) -> Iterator[str]:
    if isinstance(known, str):
        yield known
    elif isinstance(known, dict | list):
        for part in known.values() if isinstance(known, dict) else known:
            yield from _strings(part)


def _is_in(attack: Attack, texts: Iterable[str]) -> bool:
    return any(attack.text in text for text in texts)


def _gemini(answer: Obeyed) -> dict[str, Any]:
    part = {"text": answer} if isinstance(answer, str) else dict(answer)
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 90},
    }


def _openai(answer: Obeyed) -> dict[str, Any]:
    if isinstance(answer, str):
        message: dict[str, Any] = {"content": answer}
    else:
        call = answer["functionCall"]
        function = {"name": call["name"], "arguments": json.dumps(call["args"])}
        message = {"content": None, "tool_calls": [{"type": "function", "function": function}]}
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 900, "completion_tokens": 90}
    return {"object": "chat.completion", "model": "obedient", "choices": [choice], "usage": usage}
