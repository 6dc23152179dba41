"""Whether an insight says only what is known; docs/grounding.md has examples and limits.

What a text mentions must be in its evidence: for the summary, the next action and the reason
that is everything known; for a claim, what it cites, which must be there, and the lead's name.

number: whatever has a digit, and number words but `one`; `1,200`, `1200` and `twelve hundred`
    are the same. The due days may stand in the next action and the reason.
date: days, months, weekdays and quarters; what is told from today (`tomorrow`, `next week`)
    is free in the next action and the reason.
email, url: exactly, but for case, a scheme and `www.`; `a [at] b dot com` is an address.
name: a word with a capital, unless it opens a sentence and is a common English opener.
script: a word with a letter that is not Latin; it must be in the evidence as it stands.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from domain.grounding_dates import RELATIVE_KEYS, read_dates
from domain.grounding_evidence import Evidence, KnownTexts
from domain.grounding_links import read_links
from domain.grounding_names import read_names
from domain.grounding_numbers import read_numbers
from domain.grounding_pieces import read_pieces
from domain.grounding_text import Mention, letter_runs, plain, visible
from domain.insight import Claim, Insight
from domain.summary_input import SummaryInput

_NO_MORE: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something ungrounded stands (`summary`, `claims/0`, …), and of what kind it is.

    What it says is left out, as findings are logged.
    """

    where: str
    kind: str


def ungrounded(insight: Insight, known: SummaryInput) -> Sequence[Finding]:
    """Each kind once for each place; empty if all is grounded."""
    texts = KnownTexts(known.evidence)
    everything, plans = texts.all(), _planning_keys(insight)
    findings = [
        *_findings("summary", insight.summary, everything, _NO_MORE),
        *_findings("next_action", insight.next_action, everything, plans),
        *_findings("reason", insight.reason, everything, plans),
    ]
    for number, claim in enumerate(insight.claims):
        findings += _findings_of_claim(f"claims/{number}", claim, texts)
    return findings


def _findings_of_claim(where: str, claim: Claim, texts: KnownTexts) -> Sequence[Finding]:
    if not claim.evidence or not texts.hold(claim.evidence):
        return [Finding(where, "evidence")]
    cited = dict.fromkeys(claim.evidence)
    if texts.hold(("name",)):
        cited["name"] = None
    return _findings(where, claim.text, texts.among([*cited]), _NO_MORE)


def _findings(where: str, text: str, evidence: Evidence, granted: Set[str]) -> Sequence[Finding]:
    """`granted` are keys that the place grants beside the evidence."""
    if _is_proven(text, evidence, granted):
        return ()
    unproven = (each.kind for each in _mentions(text) if not evidence.proves(each, granted))
    return [Finding(where, kind) for kind in dict.fromkeys(unproven)]


def _is_proven(text: str, evidence: Evidence, granted: Set[str]) -> bool:
    found: list[Mention] = []
    for reading in read_pieces(plain(read_links(visible(text), found))):
        for each in reading.mentions:
            if not evidence.proves(each, granted):
                return False
    return all(evidence.proves(each, granted) for each in found)


def _planning_keys(insight: Insight) -> frozenset[str]:
    due = insight.due_in_days
    return RELATIVE_KEYS if due is None else RELATIVE_KEYS | {f"in:{due * 24}"}


def _mentions(text: str) -> Sequence[Mention]:
    """What there is to prove, in the order in which it is told: as a whole, which is slow."""
    found: list[Mention] = []
    rest = plain(read_links(visible(text), found))
    words = letter_runs(rest)
    read_names(read_numbers(read_dates(rest, words, found), words, found), found)
    return [each for each in found if each.readings]
