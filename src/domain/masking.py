"""Keep names, addresses and numbers from a provider: tokens go out, and come back as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.errors import FailureType, SummarizerFailed
from domain.folding import Folded
from domain.insight import MAX_CLAIM, MAX_NEXT_ACTION, MAX_REASON, MAX_SUMMARY, Claim, Insight
from domain.personal_data import TOKEN, Personal, PersonalData
from domain.plain_text import is_plain
from domain.summary_input import SummaryInput

_TOKEN = re.compile(TOKEN)
_WHOLE = {"name": Personal.NAME, "email": Personal.EMAIL, "phone": Personal.PHONE}
"""The fields that are masked whatever they hold."""
_OURS = ("status",)
"""The fields whose words are ours, and never a stranger's."""


@dataclass(frozen=True, slots=True)
class Masked:
    """What may be sent; `known` holds tokens where the lead's own had personal data."""

    known: SummaryInput
    _originals: Mapping[str, str] = field(repr=False)

    def reveal(self, insight: Insight) -> Insight:
        """The insight with the data again; kinds and evidence are left as they are.

        SummarizerFailed: `ungrounded` for a token that stands for nothing, `schema` for a text
        that became longer than an insight's may be, or a link.
        """
        return replace(
            insight,
            summary=self._revealed("summary", insight.summary, MAX_SUMMARY),
            next_action=self._revealed("next_action", insight.next_action, MAX_NEXT_ACTION),
            reason=self._revealed("reason", insight.reason, MAX_REASON),
            claims=tuple(
                Claim(self._revealed("a claim", claim.text, MAX_CLAIM), claim.evidence)
                for claim in insight.claims
            ),
        )

    def _revealed(self, name: str, text: str, limit: int) -> str:
        folded = Folded.of(text)
        tokens = [(found[0], *found.span()) for found in _TOKEN.finditer(folded.text)]
        shown = folded.replaced(tokens, lambda token, _: self._original(token))
        # a name that is a link in truth went through as a token
        if tokens and not is_plain(shown):
            raise SummarizerFailed(FailureType.SCHEMA, f"{name} holds a link or markup")
        if len(shown) > limit:
            detail = f"{name} is longer than {limit} characters"
            raise SummarizerFailed(FailureType.SCHEMA, detail)
        return shown

    def _original(self, token: str) -> str:
        kind, number = re.findall(r"[a-z]+|[0-9]+", token)
        known = self._originals.get(_token(kind, number.lstrip("0")))
        if known is None:
            detail = "the answer holds a token that stands for nothing"
            raise SummarizerFailed(FailureType.UNGROUNDED, detail)
        return known


def mask(known: SummaryInput) -> Masked:
    """The same input, the same tokens; each spelling has one of its own.

    What strangers wrote that looks like a token becomes one, too, so that it comes back as the
    very text that it was.
    """
    facts = known.facts
    data = PersonalData(*(facts.get(name, "") for name in _WHOLE))
    tokens = _Tokens()
    masked = {name: tokens.of(_WHOLE[name], facts[name]) for name in _WHOLE if name in facts} | {
        name: facts[name] for name in _OURS if name in facts
    }
    for name in sorted(facts.keys() - masked.keys()):
        masked[name] = tokens.within(facts[name], data)
    activities = [
        replace(activity, text=tokens.within(activity.text, data)) for activity in known.activities
    ]
    return Masked(SummaryInput(masked, activities, known.history), tokens.originals)


class _Tokens:
    def __init__(self) -> None:
        self.originals: dict[str, str] = {}
        self._given: dict[tuple[Personal, str], str] = {}
        self._counts = dict.fromkeys(Personal, 0)

    def of(self, kind: Personal, original: str) -> str:
        if (kind, original) not in self._given:
            self._counts[kind] += 1
            token = _token(kind, str(self._counts[kind]))
            self._given[kind, original] = token
            self.originals[token] = original
        return self._given[kind, original]

    def within(self, text: str, data: PersonalData) -> str:
        folded = Folded.of(text)
        finds = data.finds(folded)
        return folded.replaced(finds, lambda kind, original: self.of(Personal(kind), original))


def _token(kind: str, number: str) -> str:
    return f"[{kind.upper()}_{number}]"
