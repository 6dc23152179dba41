"""The lead: who might become a customer, and what the AI made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, NewType, TypeAlias
from uuid import UUID

from domain.basis import Basis
from domain.insight import Insight
from domain.lead_fields import TEXT_RULES, GivenDetails, LeadDetails, LeadStatus
from domain.summary_input import FACTS

LeadId = NewType("LeadId", UUID)
Origin: TypeAlias = tuple[str, str]
"""A source, and the lead's id there."""
LeadValues: TypeAlias = Sequence[Any]
"""The values of a lead's fields, in the order of `LEAD_FIELDS`; a status may be plain text."""


class SummaryStatus(StrEnum):
    """How the latest summary run stands."""

    NONE = "none"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Times are aware and in UTC; `version` starts at 1 and grows by one with every change.

    `activities` and `stage_moves` count what there was so far; `basis` is what the summary was
    made of, None where there is none, or where it is older than the keeping of it.
    """

    id: LeadId
    name: str
    email: str
    phone: str | None = None
    company: str | None = None
    job_title: str | None = None
    notes: str | None = None
    status: LeadStatus = LeadStatus.NEW
    source: str
    external_id: str | None = None
    summary: str | None = None
    next_action: str | None = None
    summary_status: SummaryStatus = SummaryStatus.NONE
    summarized_at: datetime | None = None
    insight: Insight | None = None
    basis: Basis | None = None
    email_key: str
    activities: int = 0
    stage_moves: int = 0
    created_at: datetime
    updated_at: datetime
    version: int = 1
    deleted_at: datetime | None = None

    @classmethod
    def new(cls, lead_id: LeadId, details: LeadDetails, now: datetime) -> "Lead":
        lead = object.__new__(cls)
        for keep, value in _KEEP_DEFAULTS:
            keep(lead, value)
        for keep, value in zip(_KEEP_DETAILS, _details_of(details), strict=True):
            keep(lead, value)
        _KEEP_ID(lead, lead_id)
        _KEEP_CREATED_AT(lead, now)
        _KEEP_UPDATED_AT(lead, now)
        return lead

    @classmethod
    def of_values(cls, values: LeadValues) -> "Lead":
        """A lead as it was kept: nothing is checked again."""
        lead = object.__new__(cls)
        # what a frozen dataclass does for each field, without its detour by names
        for keep, value in zip(_KEEPERS, values, strict=True):
            keep(lead, value)
        _KEEP_STATUS(lead, _STATUSES[lead.status])
        _KEEP_SUMMARY_STATUS(lead, _SUMMARY_STATUSES[lead.summary_status])
        return lead

    @property
    def origin(self) -> Origin | None:
        """What no other lead has, as none has its e-mail key; None without an external id."""
        return None if self.external_id is None else (self.source, self.external_id)

    @property
    def facts(self) -> Mapping[str, str]:
        """The non-empty fields that a summarizer may know, by name."""
        return {name: str(getattr(self, name)) for name in FACTS if getattr(self, name)}

    @property
    def stale_because(self) -> Sequence[str]:
        """What has moved since the summary was made, in words."""
        if self.basis is None:
            return ()
        return self.basis.moved(self.facts, self.activities, self.stage_moves)

    @property
    def stale(self) -> bool:
        return bool(self.stale_because)

    def awaiting_summary(self, now: datetime) -> "Lead":
        """A run was asked for; an older summary stays visible meanwhile."""
        return self._changed(now, summary_status=SummaryStatus.PROCESSING)

    def summarized(self, insight: Insight, basis: Basis, now: datetime) -> "Lead":
        return self._changed(
            now,
            summary=insight.summary,
            next_action=insight.next_action,
            insight=insight,
            basis=basis,
            summary_status=SummaryStatus.READY,
            summarized_at=now,
        )

    def with_activity(self, now: datetime) -> "Lead":
        """One more thing that somebody did with it, which a summary does not know of yet."""
        return self._changed(now, activities=self.activities + 1)

    def without_summary(self, now: datetime) -> "Lead":
        """The latest run ended without an insight; an older summary stays as it was."""
        return self._changed(now, summary_status=SummaryStatus.FAILED)

    def changed(self, changes: Mapping[str, object], now: datetime) -> "Lead":
        """With these fields of any type instead; None clears what may be blank.

        InvalidLead names every broken rule. The same lead where nothing is different.
        """
        given = {name: getattr(self, name) for name in (*TEXT_RULES, "status")}
        details = LeadDetails.of({**given, **changes}, required=("source", "status"))
        new = {name: getattr(details, name) for name in LeadDetails.__slots__}
        different = {name: value for name, value in new.items() if getattr(self, name) != value}
        return self._changed(now, **different) if different else self

    def updated_by(self, given: GivenDetails, now: datetime) -> "Lead":
        """With what was named, but for the address: it found the lead, and keeps its spelling.

        The same lead where nothing is different.
        """
        new = {name: getattr(given.details, name) for name in given.named - {"email"}}
        different = {name: value for name, value in new.items() if getattr(self, name) != value}
        return self._changed(now, **different) if different else self

    def deleted(self, now: datetime) -> "Lead":
        """Not seen any more, its e-mail free for another; its open run is to end with it."""
        processing = self.summary_status is SummaryStatus.PROCESSING
        status = SummaryStatus.FAILED if processing else self.summary_status
        return self._changed(now, deleted_at=now, summary_status=status)

    def restored(self, now: datetime) -> "Lead":
        return self._changed(now, deleted_at=None)

    def filled_from(
        self, details: LeadDetails, now: datetime, cleared: Collection[str] = ()
    ) -> "Lead":
        """Take what a source knows for the fields that are blank here; the same lead if none.

        What a person has `cleared` stays blank.
        """
        blanks = {
            name: getattr(details, name)
            for name in ("phone", "company", "job_title", "notes")
            if name not in cleared
            if getattr(self, name) is None and getattr(details, name) is not None
        }
        return self._changed(now, **blanks) if blanks else self

    def next_moment(self, now: datetime) -> datetime:
        """`now`, or right after the last change: clocks differ, and may be set back."""
        return max(now, self.updated_at + timedelta(microseconds=1))

    def _changed(self, now: datetime, **fields: object) -> "Lead":
        at = self.next_moment(now)
        moved = fields.get("status", self.status) != self.status
        fields |= {
            "stage_moves": self.stage_moves + moved,
            "updated_at": at,
            "version": self.version + 1,
        }
        lead = Lead.of_values(_values_of(self))
        for name, value in fields.items():
            _KEEPER_OF[name](lead, value)
        return lead


LEAD_FIELDS = tuple(Lead.__dataclass_fields__)
# a look-up in an enumeration takes as long as all the other fields
_STATUSES = {status.value: status for status in LeadStatus}
_SUMMARY_STATUSES = {status.value: status for status in SummaryStatus}
_values_of = attrgetter(*LEAD_FIELDS)
_KEEPERS = [getattr(Lead, name).__set__ for name in LEAD_FIELDS]
_KEEPER_OF = dict(zip(LEAD_FIELDS, _KEEPERS, strict=True))
_KEEP_STATUS = _KEEPERS[LEAD_FIELDS.index("status")]
_KEEP_SUMMARY_STATUS = _KEEPERS[LEAD_FIELDS.index("summary_status")]
_DETAILS = tuple(LeadDetails.__dataclass_fields__)
_details_of = attrgetter(*_DETAILS)
_KEEP_ID, _KEEP_CREATED_AT, _KEEP_UPDATED_AT, *_KEEP_DETAILS = (
    getattr(Lead, name).__set__ for name in ("id", "created_at", "updated_at", *_DETAILS)
)
_KEEP_DEFAULTS = [
    (getattr(Lead, name).__set__, field.default)
    for name, field in Lead.__dataclass_fields__.items()
    if name not in {"id", "created_at", "updated_at", *_DETAILS}
]
