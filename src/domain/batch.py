"""A batch of leads: what is asked for, and the fate of each row in its turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import FieldProblem, InvalidBatch, InvalidLead
from domain.lead import LeadId
from domain.lead_fields import GivenDetails, LeadDetails

MAX_ROWS = 500


class BatchMode(StrEnum):
    CREATE = "create"
    UPSERT = "upsert"


class Verdict(StrEnum):
    """What became of a row, or would become of it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Fate:
    """`lead_id` is the lead that the row made, changed or left as it was.

    A duplicate has the lead that holds its `field` (`email` or `external_id`) instead, and an
    invalid row every broken rule.
    """

    verdict: Verdict
    lead_id: LeadId | None = None
    existing_id: LeadId | None = None
    field: str | None = None
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadBatch:
    """Rows of any type, unchecked as yet."""

    rows: Sequence[object]
    mode: BatchMode = BatchMode.CREATE
    dry_run: bool = False

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> "LeadBatch":
        """Check fields of any type; InvalidBatch names every broken rule but those of rows."""
        problems = [
            FieldProblem(name, "unknown_field", "this field is not known")
            for name in fields
            if name not in {"leads", "mode", "dry_run"}
        ]
        rows = _rows(fields.get("leads"), problems)
        mode = fields.get("mode", BatchMode.CREATE)
        if not isinstance(mode, str) or mode not in set(BatchMode):
            detail = f"mode must be one of: {', '.join(BatchMode)}"
            problems.append(FieldProblem("mode", "choice", detail))
        dry_run = fields.get("dry_run", False)
        if not isinstance(dry_run, bool):
            problems.append(FieldProblem("dry_run", "type", "dry_run must be true or false"))
        if problems:
            raise InvalidBatch(problems)
        return cls(rows, BatchMode(str(mode)), dry_run is True)

    def details_of(self, row: object) -> GivenDetails:
        """The checked fields of one row; InvalidLead names every broken rule."""
        if not isinstance(row, Mapping):
            raise InvalidLead([FieldProblem("", "type", "a lead must be a JSON object")])
        if self.mode is BatchMode.UPSERT:
            return GivenDetails.of(row)
        return GivenDetails(LeadDetails.of(row), frozenset(row))


def _rows(value: object, problems: list[FieldProblem]) -> Sequence[object]:
    if value is None:
        problems.append(FieldProblem("leads", "required", "leads is required"))
    elif not isinstance(value, list):
        problems.append(FieldProblem("leads", "type", "leads must be an array"))
    elif not value:
        problems.append(FieldProblem("leads", "too_short", "leads must hold one lead at least"))
    elif len(value) > MAX_ROWS:
        detail = f"leads holds {len(value)} rows; send {MAX_ROWS} at most"
        problems.append(FieldProblem("leads", "too_long", detail))
    else:
        return value
    return ()
