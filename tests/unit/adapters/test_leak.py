"""An answer that repeats the instruction is found."""

import pytest

from adapters.summarizers._leak import WORDS, repeats
from adapters.summarizers._prompt import instruction

WRITTEN = instruction().split()


@pytest.mark.parametrize("start", [0, 40, 200, len(WRITTEN) - WORDS - 1])
@pytest.mark.parametrize(
    "disguised",
    [
        " ".join,
        "\u200b ".join,
        "... ".join,
        lambda words: " ".join(words).upper(),
        lambda words: " ".join("\u200b".join(word) for word in words),
        lambda words: f"They say: {' '.join(words)}. So it is.",
    ],
)
def test_words_of_the_instruction_are_found(start: int, disguised) -> None:  # type: ignore[no-untyped-def]
    assert repeats(disguised(WRITTEN[start : start + WORDS + 1]), instruction())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada Lovelace of Engines Ltd. asked for a demo on 2026-11-24.",
        " ".join(WRITTEN[: WORDS - 1]),
        " ".join(reversed(WRITTEN)),
    ],
)
def test_what_others_may_say_is_none(text: str) -> None:
    assert not repeats(text, instruction())
