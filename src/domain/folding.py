"""A text in its plainest letters, so that one spelling finds the others, and where each stood."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Find = tuple[str, int, int]
"""Its kind, and where in the folded text it begins and ends."""

_ALIKE = str.maketrans("‘’ʼ`‐‒–—−øłđðı", "''''-----olddi")
"""What no normal form makes alike, though people write the one for the other."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is `source` without case, accents, forms (NFKC) and invisible characters.

    `text[i]` comes from `source[places[i]]`; one more place tells the length of `source`.
    """

    source: str
    text: str
    places: Sequence[int]

    @classmethod
    def of(cls, source: str) -> "Folded":
        letters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(source):
            for letter in _folded(character):
                letters.append(letter)
                places.append(place)
        return cls(source, "".join(letters), [*places, len(source)])

    def original(self, start: int, end: int) -> str:
        """What `text[start:end]` was, whole characters with their accents."""
        return self.source[slice(*self._span(start, end))]

    def replaced(self, finds: Iterable[Find], by: Callable[[str, str], str]) -> str:
        """The source with each find, in their order, replaced by what its kind and text give."""
        pieces: list[str] = []
        done = 0
        for kind, start, end in finds:
            first, last = self._span(start, end)
            first = max(first, done)
            if first < last:
                pieces += [self.source[done:first], by(kind, self.source[first:last])]
                done = last
        return "".join((*pieces, self.source[done:]))

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], max(self.places[end], self.places[end - 1] + 1)


@lru_cache(maxsize=10_000)
def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold().translate(_ALIKE)
    kept = [letter for letter in unicodedata.normalize("NFD", plain) if _is_seen(letter)]
    # composed again, as a Korean syllable is no row of letters
    return unicodedata.normalize("NFC", "".join(kept))


def _is_seen(letter: str) -> bool:
    category = unicodedata.category(letter)
    return letter in "\t\n\r" or (category[0] != "M" and category not in {"Cf", "Cc", "Cs"})
