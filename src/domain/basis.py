"""What a summary was made of and by whom, so that it can tell what has moved since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from domain.insight import Confidence

_SHORT = 64
"""Characters up to which the digest of a text is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """`facts` holds a digest of each field that was known; the last two count what there was."""

    run_id: UUID
    provider: str
    model: str
    input_hash: str
    confidence: Confidence
    missing: tuple[str, ...]
    facts: Mapping[str, str]
    activities: int
    stage_moves: int

    def moved(self, facts: Mapping[str, str], activities: int, stage_moves: int) -> Sequence[str]:
        """What is different now, in words: `phone changed`, `2 new activities`."""
        return self._moved(fact_digests(facts), activities, stage_moves)

    def moved_to(self, later: "Basis") -> Sequence[str]:
        """What was different by then, in the same words."""
        return self._moved(later.facts, later.activities, later.stage_moves)

    def _moved(self, now: Mapping[str, str], activities: int, stage_moves: int) -> Sequence[str]:
        changed = [name for name in {**self.facts, **now} if self.facts.get(name) != now.get(name)]
        return (
            *(f"{name} changed" for name in changed),
            *_new(activities - self.activities, "activity", "activities"),
            # a status that came back is the same, but its way there is told
            *(
                ()
                if "status" in changed
                else _new(
                    stage_moves - self.stage_moves, "move of its status", "moves of its status"
                )
            ),
        )


def fact_digests(facts: Mapping[str, str]) -> Mapping[str, str]:
    """Enough of a hash to see that a field differs."""
    return {
        name: (_known_digest if len(text) <= _SHORT else _digest)(text)
        for name, text in facts.items()
    }


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


# a summary's are asked for again when its lead is shown, and many leads share a company or a source
_known_digest = lru_cache(maxsize=2_048)(_digest)


def _new(count: int, one: str, many: str) -> Sequence[str]:
    return (f"{count} new {one if count == 1 else many}",) if count > 0 else ()
