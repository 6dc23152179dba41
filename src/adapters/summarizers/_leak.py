"""Whether a model tells what it was told: its instruction is not for those who read summaries."""

import re
from functools import lru_cache

from domain.folding import Folded

WORDS = 8
"""How many words in a row are no accident."""
_WORD = re.compile(r"[^\W_]+")


def repeats(text: str, told: str) -> bool:
    """Whether `text` has eight words in a row of `told`, whatever stands between them."""
    return not _runs(told).isdisjoint(_runs_of(text))


@lru_cache(maxsize=8)
def _runs(told: str) -> frozenset[tuple[str, ...]]:
    return _runs_of(told)


def _runs_of(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(Folded.of(text).text)
    return frozenset(zip(*(words[start:] for start in range(WORDS)), strict=False))
