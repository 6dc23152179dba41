"""Scripts that run in Redis."""

from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from adapters.caches._line import Line, Word


class Script:
    """Redis knows it by its hash; where it does not, it is sent whole."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._hash = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, line: Line, due: float, key: str, *words: Word) -> Any:
        try:
            return await line.ask(due, "EVALSHA", self._hash, 1, key, *words)
        except NoScriptError:
            return await line.ask(due, "EVAL", self._text, 1, key, *words)
