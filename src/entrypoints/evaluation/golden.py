"""Golden cases as they stand in a file, read strictly."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from domain.golden import Expected, GoldenCase
from domain.insight import Channel, NextActionType
from domain.summary_input import FACTS, KnownActivity, StageMove, SummaryInput
from entrypoints.settings import InvalidSettings


class ExpectedRow(msgspec.Struct, forbid_unknown_fields=True):
    types: frozenset[NextActionType]
    channels: frozenset[Channel] = frozenset()
    must_mention: tuple[str, ...] = ()
    must_not_mention: tuple[str, ...] = ()


class CaseRow(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    facts: dict[str, str]
    expect: ExpectedRow
    activities: tuple[KnownActivity, ...] = ()
    history: tuple[StageMove, ...] = ()
    review: str = ""

    def case(self) -> GoldenCase:
        expected = Expected(**msgspec.structs.asdict(self.expect))
        known = SummaryInput(self.facts, self.activities, self.history)
        return GoldenCase(id=self.id, known=known, expected=expected, review=self.review)


class GoldenFile(msgspec.Struct, forbid_unknown_fields=True):
    cases: tuple[CaseRow, ...]


def golden_cases(path: Path | None = None) -> Sequence[GoldenCase]:
    """Those of the file, or our own; InvalidSettings if it is none, or two cases have one id."""
    try:
        read = files("entrypoints.evaluation").joinpath("golden.json") if path is None else path
        rows = msgspec.json.decode(read.read_bytes(), type=GoldenFile).cases
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{path or 'golden.json'} holds no golden cases: {error}") from None
    problem = _problem_with(rows)
    if problem is not None:
        raise InvalidSettings(f"{path or 'golden.json'}: {problem}")
    return [row.case() for row in rows]


def _problem_with(rows: Sequence[CaseRow]) -> str | None:
    if not rows:
        return "there are no cases in it"
    if len({row.id for row in rows}) < len(rows):
        return "two cases have one id"
    unknown = {fact for row in rows for fact in row.facts} - set(FACTS)
    return f"{min(unknown)} is no fact of a lead" if unknown else None
