"""The bodies of upserts and batches, as they stand in the OpenAPI document."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.batch import MAX_ROWS, BatchMode, Fate, Verdict
from domain.lead_fields import TEXT_RULES, LeadStatus
from entrypoints.http.problems import FieldError, pointer
from entrypoints.http.schemas import NewLead


def _limit(field: str) -> int:
    return TEXT_RULES[field].max_length


class LeadUpsert(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A lead to take in, or what is to be different in the one that has this e-mail.

    Null clears, and what is not named stays as it is. The e-mail finds the lead, in whatever
    spelling, and does not change it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=_limit("name"), examples=["Ada Lovelace"])]
    email: Annotated[str, Meta(max_length=_limit("email"), examples=["ada@example.com"])]
    phone: Annotated[str, Meta(max_length=_limit("phone"))] | UnsetType | None = UNSET
    company: Annotated[str, Meta(max_length=_limit("company"))] | UnsetType | None = UNSET
    job_title: Annotated[str, Meta(max_length=_limit("job_title"))] | UnsetType | None = UNSET
    notes: Annotated[str, Meta(max_length=_limit("notes"))] | UnsetType | None = UNSET
    status: LeadStatus | UnsetType = UNSET
    source: Annotated[str, Meta(max_length=_limit("source"))] | UnsetType = UNSET
    external_id: Annotated[str, Meta(max_length=_limit("external_id"))] | UnsetType | None = UNSET


class NewBatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Leads to take in, each as it would be given alone; a row that is broken costs only itself."""

    leads: Annotated[
        list[NewLead],
        Meta(
            min_length=1,
            max_length=MAX_ROWS,
            examples=[[{"name": "Ada Lovelace", "email": "ada@example.com"}]],
        ),
    ]
    mode: Annotated[
        BatchMode,
        Meta(description="`upsert` changes the lead that has a row's e-mail; `create` does not"),
    ] = BatchMode.CREATE
    dry_run: Annotated[
        bool, Meta(description="Tell what would become of each row now, and write nothing")
    ] = False


class RowResult(msgspec.Struct, frozen=True):
    """What became of one row."""

    row: Annotated[int, Meta(ge=0, description="Its place in `leads`, from 0")]
    verdict: Verdict
    id: Annotated[
        UUID | None,
        Meta(description="The lead that was created, updated or left as it was"),
    ]
    existing_id: Annotated[
        UUID | None,
        Meta(
            description="Of a duplicate: the lead that has its e-mail or external id;"
            " null in a dry run where a row before would create it"
        ),
    ]
    field: Annotated[
        str | None, Meta(description="Of a duplicate: `email` or `external_id`, which is taken")
    ]
    errors: Annotated[
        list[FieldError],
        Meta(description="Of an invalid row: every broken rule, with pointers into the body"),
    ]

    @classmethod
    def of(cls, row: int, fate: Fate) -> "RowResult":
        return cls(
            row=row,
            verdict=fate.verdict,
            id=fate.lead_id,
            existing_id=fate.existing_id,
            field=fate.field,
            errors=[
                FieldError(pointer("leads", row, *([p.field] if p.field else [])), p.code, p.detail)
                for p in fate.problems
            ],
        )


class BatchCounts(msgspec.Struct, frozen=True):
    """How many rows had each verdict; together they are all rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    invalid: int = 0


class BatchResult(msgspec.Struct, frozen=True):
    """One result for each row, in the order of the rows."""

    results: list[RowResult]
    counts: BatchCounts
    dry_run: bool


BATCH_RESULT = {
    "results": [
        {
            "row": 0,
            "verdict": "created",
            "id": "019abcde-0000-7000-8000-000000000001",
            "existing_id": None,
            "field": None,
            "errors": [],
        },
        {
            "row": 1,
            "verdict": "duplicate",
            "id": None,
            "existing_id": "019abcde-0000-7000-8000-000000000002",
            "field": "email",
            "errors": [],
        },
        {
            "row": 2,
            "verdict": "invalid",
            "id": None,
            "existing_id": None,
            "field": None,
            "errors": [
                {"pointer": "/leads/2/name", "code": "required", "detail": "name is required"}
            ],
        },
    ],
    "counts": {"created": 1, "updated": 0, "unchanged": 0, "duplicate": 1, "invalid": 1},
    "dry_run": False,
}
"""An answer as it may look, for the document."""
