"""What a summarizer may know of a lead, in one canonical form; never who somebody is by birth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as _json

from domain.insight import Confidence

FACTS = ("name", "email", "phone", "company", "job_title", "notes", "status", "source")
"""The fields of a lead that a summarizer may see; there are no demographics among them."""
ACTIVITIES = 30
"""How many of the newest activities are told."""
ACTIVITY_TEXT = 1_000
"""How many characters of each."""
STAGE_MOVES = 20
"""How many of the newest changes of status are told."""
_TELLING = ("company", "job_title", "notes")


@dataclass(frozen=True, slots=True)
class KnownActivity:
    """What somebody did with the lead; `on` is an ISO date in UTC."""

    id: str
    type: str
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class StageMove:
    """A change of the lead's status; `on` is an ISO date in UTC."""

    on: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SummaryInput:
    """A lead's non-empty fields by name, its activities and stage moves, newest first."""

    facts: Mapping[str, str]
    activities: Sequence[KnownActivity] = ()
    history: Sequence[StageMove] = ()

    @property
    def canonical(self) -> str:
        """JSON, the same for the same input whatever order it was gathered in."""
        activities = (
            f'{{"id":{_json(each.id)},"on":{_json(each.on)},'
            f'"text":{_json(each.text)},"type":{_json(each.type)}}}'
            for each in self.activities
        )
        facts = (f"{_json(name)}:{_json(text)}" for name, text in sorted(self.facts.items()))
        history = (
            f'{{"after":{_json(each.after)},"before":{_json(each.before)},"on":{_json(each.on)}}}'
            for each in self.history
        )
        return (
            f'{{"activities":[{",".join(activities)}],"facts":{{{",".join(facts)}}},'
            f'"history":[{",".join(history)}]}}'
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return sha256(self.canonical.encode()).hexdigest()

    @property
    def evidence(self) -> Mapping[str, str]:
        """Everything that a claim may rest on, by its name: fields, activity ids, `history`."""
        told = {activity.id: f"{activity.type} {activity.on} {activity.text}"
                for activity in self.activities}  # fmt: skip
        moves = " ".join(f"{move.on} {move.before} {move.after}" for move in self.history)
        return {**self.facts, **told, **({"history": moves} if moves else {})}

    @property
    def is_sparse(self) -> bool:
        """Whether there is too little for a model to do anything but invent."""
        return not self.activities and not any(name in self.facts for name in _TELLING)

    @property
    def missing(self) -> Sequence[str]:
        """The facts to collect; `need` is what notes and activities tell of."""
        fields = [name for name in ("phone", "company", "job_title") if name not in self.facts]
        needs = [] if self.activities or "notes" in self.facts else ["need"]
        return (*fields, *needs)

    @property
    def confidence(self) -> Confidence:
        """By how many of phone, company, job title, notes and activities there are."""
        fields = ("phone", "company", "job_title", "notes")
        count = sum(name in self.facts for name in fields) + bool(self.activities)
        if self.is_sparse or count < 2:
            return Confidence.LOW
        return Confidence.MEDIUM if count < 4 else Confidence.HIGH
