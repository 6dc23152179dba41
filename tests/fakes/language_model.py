"""A language model that reads the lead's facts in a prompt and answers the same each time.

It breaks into the ways in which providers of such models are seen to fail: those that look
alike whatever the wire format stand here, the others beside each format.
"""

import gzip
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.http_server import Reply

PAGE = b"<!doctype html><html><title>Bad gateway</title><body>Try again later</body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its arrival (seconds since the epoch), the facts it showed, what came of it."""

    at: float
    facts: Mapping[str, str]
    outcome: str
    """`answered`, or the misbehaviour's name; `delivered` when the reply has gone out."""


@dataclass(slots=True)
class Mood:
    """How the model behaves now, and what it was asked so far."""

    delay: float = 0.0
    """Seconds before each reply."""
    log: Path | None = None
    """Gets one JSON line per call, and one when its reply has gone out."""
    calls: list[Call] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    """Set once there was a call."""
    _misbehaviour: str | None = None
    _times: int | None = None

    def misbehave(self, name: str | None, times: int | None = None) -> None:
        """Fail in this way for the next `times` calls, or for good; None is good behaviour."""
        self._misbehaviour, self._times = name, times

    def answer(self, facts: Mapping[str, str]) -> str | None:
        """Take one call down; the misbehaviour that it meets, if any."""
        name = self._misbehaviour
        if self._times is not None:
            self._times -= 1
            if self._times <= 0:
                self.misbehave(None)
        call = Call(time.time(), facts, name or "answered")
        self.calls.append(call)
        self.asked.set()
        self._take_down(call)
        return name

    def delivered(self, facts: Mapping[str, str]) -> None:
        """The reply to such a call has gone out."""
        self._take_down(Call(time.time(), facts, "delivered"))

    def _take_down(self, call: Call) -> None:
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(call)) + "\n")


def facts_in(prompt: str) -> dict[str, str]:
    """The first JSON object in the prompt, wherever it stands."""
    facts, _ = json.JSONDecoder().raw_decode(prompt, prompt.index("{"))
    return dict(facts)


def insight_on(facts: Mapping[str, str]) -> dict[str, str]:
    """The same facts, the same insight; other facts, another."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]
    name, about = facts.get("name", "this lead")[:80], facts.get("company", "their needs")[:80]
    return {
        "summary": f"{name} is known by {len(facts)} facts, marked {digest}.",
        "next_action": f"Write to {name} about {about}.",
    }


ANSWERS: Mapping[str, str] = {
    "untidy": '{"summary": "Ada\\u0000  is\\n\\u202enice", "next_action": "Call Ada."}',
    "empty": "",
    "not_json": "Here is the summary you asked for: Ada is nice.",
    "wrong_schema": '{"text": "Ada is nice"}',
    "extra_field": '{"summary": "Ada is nice", "next_action": "Call Ada.", "mood": "fine"}',
    "blank": '{"summary": " \\u200b ", "next_action": "Call Ada."}',
    "too_long": json.dumps({"summary": "Ada " * 251, "next_action": "Call Ada."}),
    "too_long_action": json.dumps({"summary": "Ada is nice", "next_action": "Call " * 61}),
}
"""Texts that a model may give where an insight was asked for."""

REPLIES: Mapping[str, Callable[[bytes], Reply]] = {
    "overloaded": lambda _: Reply(503, b"{}", headers={"retry-after": "3"}),
    "html_error": lambda _: Reply(500, PAGE, content_type="text/html"),
    "html_page": lambda _: Reply(200, PAGE, content_type="text/html"),
    "bare_404": lambda _: Reply(404, b""),
    "redirect": lambda _: Reply(307, b"", headers={"location": "/elsewhere"}),
    "request_timeout": lambda _: Reply(408, b"{}"),
    "not_unicode": lambda _: Reply(200, b"\xff\xfe\x00"),
    "not_unicode_error": lambda _: Reply(500, b"\xff\xfe\x00"),
    "deep": lambda _: Reply(200, b'{"odd": ' + b"[" * 200_000),
    "list": lambda _: Reply(200, b"[]"),
    "number": lambda _: Reply(200, b"7"),
    "nothing": lambda _: Reply(200, b"{}"),
    "oversized": lambda body: Reply(200, body + b" " * 5_000_000),
    "oversized_error": lambda _: Reply(500, b"x" * 5_000_000),
    "compressed": lambda _: Reply(
        200, gzip.compress(b" " * 50_000_000), headers={"content-encoding": "gzip"}
    ),
    "cut": lambda body: Reply(200, body, cut_after=len(body) // 2),
    "reset": lambda _: Reply(reset=True),
    "trickle": lambda body: Reply(200, body, trickle=0.05),
    "hang": lambda body: Reply(200, body, delay=3_600),
}
"""Ways to fail below the wire format, each made of the body that a good answer would have."""
