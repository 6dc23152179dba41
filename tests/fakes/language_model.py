"""A language model that reads what is known of a lead in a prompt and answers the same each time.

It breaks into the ways in which providers of such models are seen to fail: those that look
alike whatever the wire format stand here, the others beside each format.
"""

import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.http_server import Reply
from tests.fakes.insights import Known

PAGE = b"<!doctype html><html><title>Bad gateway</title><body>Try again later</body></html>"
_TOKEN = re.compile(r"\w{1,6}|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its arrival (seconds since the epoch), what it showed, what came of it."""

    at: float
    known: Known
    outcome: str
    """`answered`, or the misbehaviour's name; `delivered` when the reply has gone out."""

    @property
    def facts(self) -> Mapping[str, str]:
        return dict(self.known["facts"])


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

    def answer(self, known: Known) -> str | None:
        """Take one call down; the misbehaviour that it meets, if any."""
        name = self._misbehaviour
        if self._times is not None:
            self._times -= 1
            if self._times <= 0:
                self.misbehave(None)
        call = Call(time.time(), known, name or "answered")
        self.calls.append(call)
        self.asked.set()
        self._take_down(call)
        return name

    def delivered(self, known: Known) -> None:
        """The reply to such a call has gone out."""
        self._take_down(Call(time.time(), known, "delivered"))

    def _take_down(self, call: Call) -> None:
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(call)) + "\n")


def known_in(prompt: str) -> Known:
    """The first JSON object in the prompt, wherever it stands."""
    known, _ = json.JSONDecoder().raw_decode(prompt, prompt.index("{"))
    if known.keys() != {"facts", "activities", "history"}:
        raise ValueError("this is not what is known of a lead")
    return dict(known)


def tokens_of(text: str) -> int:
    """About as many as a real tokenizer would make of it."""
    return len(_TOKEN.findall(text))


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
