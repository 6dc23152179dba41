"""Lists of leads: which are in one, in what order, and the text that a search looks into."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.lead import Lead, SummaryStatus
from domain.lead_fields import LeadStatus

NAME_KEY_LENGTH = 100
"""In code points: folded, a name can grow to more bytes than the key of an index may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Every condition that is given must hold.

    `q` is a part of the name, the e-mail or the company, in any case and Unicode form. Times
    are aware, and never included themselves.
    """

    status: LeadStatus | None = None
    source: str | None = None
    summary_status: SummaryStatus | None = None
    q: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None

    def admits(self, lead: Lead) -> bool:
        same = ("status", "source", "summary_status")
        return (
            all(getattr(self, name) in (None, getattr(lead, name)) for name in same)
            and (self.q is None or folded(self.q) in search_text(*searched(lead)))
            and (self.created_after is None or lead.created_at > self.created_after)
            and (self.created_before is None or lead.created_at < self.created_before)
            and (self.updated_after is None or lead.updated_at > self.updated_after)
        )


class Sortable(Protocol):
    @property
    def name(self) -> str: ...


class LeadSort(StrEnum):
    """By this, then by id, both upwards or, after a minus, both downwards."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    LATEST_CHANGE = "-updated_at"
    EARLIEST_CHANGE = "updated_at"
    NAME = "name"
    NAME_BACKWARDS = "-name"

    @property
    def downwards(self) -> bool:
        return self.startswith("-")

    @property
    def field(self) -> str:
        """`created_at`, `updated_at` or `name`."""
        return self.removeprefix("-")

    def key(self, lead: Sortable) -> datetime | str:
        """What this lead is sorted by; texts by their code points."""
        if self.field == "name":
            return name_key(lead.name)
        key: datetime = getattr(lead, self.field)
        return key


ALL_LEADS = LeadFilter()


def folded(text: str) -> str:
    """The same for all spellings that differ in case or Unicode form only."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def name_key(name: str) -> str:
    return folded(name)[:NAME_KEY_LENGTH]


def searched(lead: Lead) -> tuple[str, str, str | None]:
    return lead.name, lead.email, lead.company


def search_text(name: str, email: str, company: str | None) -> str:
    """Folded, each on a line of its own, so that no match spans two of them."""
    return f"{folded(name)}\n{folded(email)}\n{folded(company or '')}"
