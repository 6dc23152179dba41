"""Answers kept for the next time, so that what has not changed is not sent again."""

from dataclasses import dataclass

MAX_KEPT_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`following` is the absolute URL of the next page, `etag` is empty if none was given."""

    body: bytes
    following: str | None
    etag: str = ""


class KeptAnswers:
    """The latest answer of each URL that came with an ETag; beyond `max_bytes` the oldest go."""

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._answers: dict[str, Answer] = {}

    def of(self, url: str) -> Answer | None:
        return self._answers.get(url)

    def keep(self, url: str, answer: Answer) -> None:
        self._answers.pop(url, None)
        # one of other characters could not be sent back
        if answer.etag and answer.etag.isascii() and answer.etag.isprintable():
            self._answers[url] = answer
        while sum(len(kept.body) for kept in self._answers.values()) > self._max_bytes:
            del self._answers[next(iter(self._answers))]
