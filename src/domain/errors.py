"""What can go wrong, as facts without a word about HTTP.

CrmError
├── InvalidFields          fields that break the rules, all of them at once
│   ├── InvalidLead
│   ├── InvalidBatch
│   ├── InvalidBulkSummary
│   └── InvalidActivity
├── DuplicateLead          another lead already holds this e-mail or external id
├── LeadNotFound
├── LeadChanged            somebody else wrote this lead since it was read
├── LeadVersionMismatch    the lead is not in the version that the caller knows
├── SummaryRunNotFound
├── SummaryRunOpen         the lead has a run that is not at its end
├── SummaryRunEmpty        the run holds no insight
├── BulkSummaryNotFound
├── SyncRunNotFound
├── SyncRunOpen            the run, or another one of its source, is not at its end
├── SyncRunWithoutRejects  the run has no row in quarantine that can be offered again
├── UnknownLeadSource      no source of that name is configured
├── LeadSourceFailed       a source answered badly, too late or not at all
├── SummarizerFailed       an AI gave no usable answer, with the typed failure
├── IdempotencyKeyReused   the key came with another request before
├── IdempotencyKeyInFlight a request with this key is still being answered
├── AiBudgetExhausted      no AI that is configured may be paid for another call today
├── TooManyWaiting         this process keeps as many waiting for runs as it can
├── TooManyExports         this process makes as many exports as it can at once
├── TooManyImports         this process takes as many uploads as it can at once
├── DatabaseUnavailable    the database cannot be reached or cannot write now
└── SchemaMismatch         the database's schema is not the one this code needs
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from domain.insight import NO_USAGE, Usage


class CrmError(Exception):
    """The root of every error that this system raises on purpose."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One broken rule: the field's name, a stable code and a sentence for a person.

    `within` names the members that the field stands in, from the outermost.
    """

    field: str
    code: str
    detail: str
    within: tuple[str, ...] = ()


class InvalidFields(CrmError):
    """`problems` holds every broken rule."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = tuple(problems)


class InvalidLead(InvalidFields):
    pass


class InvalidBatch(InvalidFields):
    pass


class InvalidBulkSummary(InvalidFields):
    pass


class InvalidActivity(InvalidFields):
    pass


class DuplicateLead(CrmError):
    """`field` is `email` or `external_id`; `existing_id` is the lead that holds the value."""

    def __init__(self, field: str, existing_id: UUID) -> None:
        super().__init__(f"lead {existing_id} already has this {field}")
        self.field = field
        self.existing_id = existing_id


class LeadNotFound(CrmError):
    def __init__(self, lead_id: object) -> None:
        super().__init__(f"there is no lead {lead_id}")


class LeadChanged(CrmError):
    def __init__(self, lead_id: UUID) -> None:
        super().__init__(f"lead {lead_id} was changed by somebody else meanwhile")


class LeadVersionMismatch(CrmError):
    """`version` is the one that the lead is in."""

    def __init__(self, lead_id: UUID, version: int) -> None:
        super().__init__(f"lead {lead_id} is in version {version}")
        self.version = version


class SummaryRunNotFound(CrmError):
    def __init__(self, run_id: object) -> None:
        super().__init__(f"this lead has no summary run {run_id}")


class SummaryRunOpen(CrmError):
    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"summary run {run_id} is not at its end")
        self.run_id = run_id


class SummaryRunEmpty(CrmError):
    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"summary run {run_id} holds no insight")


class BulkSummaryNotFound(CrmError):
    def __init__(self, bulk_id: object) -> None:
        super().__init__(f"there is no bulk summary {bulk_id}")


class SyncRunNotFound(CrmError):
    def __init__(self, run_id: object) -> None:
        super().__init__(f"there is no sync run {run_id}")


class SyncRunOpen(CrmError):
    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"sync run {run_id} is not at its end")


class SyncRunWithoutRejects(CrmError):
    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"sync run {run_id} has no whole row in quarantine")


class UnknownLeadSource(CrmError):
    def __init__(self, name: str, configured: Sequence[str]) -> None:
        super().__init__(f"there is no lead source {name!r}; configured: {', '.join(configured)}")
        self.configured = tuple(configured)


class LeadSourceFailed(CrmError):
    """`type` is one of `timeout unavailable refused malformed too_large internal`."""

    def __init__(self, type: str, detail: str) -> None:
        super().__init__(detail)
        self.type = type
        self.detail = detail


class FailureType(StrEnum):
    """Why an attempt to summarise gave no insight."""

    TIMEOUT = "timeout"
    QUOTA = "quota"
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    SCHEMA = "schema"
    UNGROUNDED = "ungrounded"
    UNAVAILABLE = "unavailable"
    CREDENTIALS = "credentials"
    CRASHED = "crashed"
    DELETED = "deleted"
    INTERNAL = "internal"


class SummarizerFailed(CrmError):
    """`detail` is for operators and holds neither the lead's data nor a key.

    `retry_after` is the provider's own wish, where it gave one; `usage` is what was paid for
    all the same. An attempt is not burnt where nobody was asked, or nobody can answer yet.
    """

    def __init__(
        self,
        type: FailureType,
        detail: str,
        *,
        retry_after: timedelta | None = None,
        usage: Usage = NO_USAGE,
        burns_attempt: bool = True,
    ) -> None:
        super().__init__(f"{type}: {detail}")
        self.type = type
        self.detail = detail
        self.retry_after = retry_after
        self.usage = usage
        self.burns_attempt = burns_attempt and type is not FailureType.CREDENTIALS


class IdempotencyKeyReused(CrmError):
    def __init__(self) -> None:
        super().__init__("this Idempotency-Key came with another request before")


class IdempotencyKeyInFlight(CrmError):
    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is still being answered")


class AiBudgetExhausted(CrmError):
    """`retry_after` is how long the day still lasts."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("what the AI may cost today, or how often it may be asked, is used up")
        self.retry_after = retry_after


class TooManyWaiting(CrmError):
    def __init__(self) -> None:
        super().__init__("too many wait for summary runs already; ask again later")


class TooManyExports(CrmError):
    def __init__(self) -> None:
        super().__init__("too many exports are running already; ask again later")


class TooManyImports(CrmError):
    def __init__(self) -> None:
        super().__init__("another file is being uploaded already; ask again later")


class DatabaseUnavailable(CrmError):
    pass


class SchemaMismatch(CrmError):
    pass
