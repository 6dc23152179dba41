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

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from domain.grounding_dates import RELATIVE_KEYS, read_dates
from domain.grounding_links import read_links
from domain.grounding_names import read_names
from domain.grounding_numbers import read_numbers
from domain.grounding_pieces import read_pieces
from domain.grounding_terms import ABBREVIATIONS
from domain.grounding_text import Mention, letter_runs, plain, visible, word_key
from domain.insight import Insight
from domain.summary_input import SummaryInput

_SHORT = 64
"""Characters up to which a text is likely to come again, as that of another lead."""
_OTHER_FORMS = [
    (word_key(short), frozenset(map(word_key, words.split())))
    for short, words in ABBREVIATIONS.items()
]
_IN_FORMS = frozenset().union(*({short, *words} for short, words in _OTHER_FORMS))


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something ungrounded stands (`summary`, `claims/0`, …), and of what kind it is.

    What it says is left out, as findings are logged.
    """

    where: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The keys that data grants, and its plain text for what is looked for letter by letter."""

    keys: Set[str]
    text: str

    def proves(self, mention: Mention) -> bool:
        for reading in mention.readings:
            for key in reading:
                if not self._holds(key):
                    break
            else:
                return True
        return False

    def _holds(self, key: str) -> bool:
        return key[2:] in self.text if key.startswith("s:") else key in self.keys


def ungrounded(insight: Insight, known: SummaryInput) -> Sequence[Finding]:
    """Each kind once for each place; empty if all is grounded."""
    items = {
        # companies, titles and sources are those of many leads
        name: (_short_evidence if len(text) <= _SHORT else _evidence)(text)
        for name, text in known.evidence.items()
    }
    everything = _joined(items.values())
    planned = _Evidence(everything.keys | _planning_keys(insight), everything.text)
    findings = [
        *_findings("summary", insight.summary, everything),
        *_findings("next_action", insight.next_action, planned),
        *_findings("reason", insight.reason, planned),
    ]
    for number, claim in enumerate(insight.claims):
        where = f"claims/{number}"
        if not claim.evidence or not items.keys() >= {*claim.evidence}:
            findings.append(Finding(where, "evidence"))
            continue
        cited = dict.fromkeys((*claim.evidence, *({"name"} & items.keys())))
        findings += _findings(where, claim.text, _joined(items[name] for name in cited))
    return findings


def _findings(where: str, text: str, evidence: _Evidence) -> Sequence[Finding]:
    if _is_proven(text, evidence):
        return ()
    unproven = (each.kind for each in _mentions(text) if not evidence.proves(each))
    return [Finding(where, kind) for kind in dict.fromkeys(unproven)]


def _is_proven(text: str, evidence: _Evidence) -> bool:
    found: list[Mention] = []
    pieces = read_pieces(plain(read_links(visible(text), found)))
    for reading in pieces:
        for each in reading.mentions:
            if not evidence.proves(each):
                return False
    return all(map(evidence.proves, found))


def _planning_keys(insight: Insight) -> frozenset[str]:
    due = insight.due_in_days
    return RELATIVE_KEYS if due is None else RELATIVE_KEYS | {f"in:{due * 24}"}


def _evidence(text: str) -> _Evidence:
    """Also as it is on one line, where whoever repeats it puts it."""
    shown = visible(text)
    keys = _granted(shown)
    on_one_line = " ".join(text.split())
    if on_one_line != text:
        keys |= _granted(visible(on_one_line))
    return _Evidence(keys, plain(shown))


def _granted(shown: str) -> set[str]:
    """The keys that a visible text grants as data."""
    found: list[Mention] = []
    keys: set[str] = set()
    for reading in read_pieces(plain(read_links(shown, found))):
        keys.update(reading.keys)
    for each in found:
        keys.update(each.grants, *each.readings)
    return keys


_short_evidence = lru_cache(maxsize=1_024)(_evidence)


def _joined(items: Iterable[_Evidence]) -> _Evidence:
    parts = list(items)
    keys = set[str]().union(*(part.keys for part in parts))
    if not _IN_FORMS.isdisjoint(keys):
        keys |= _other_forms(keys)
    return _Evidence(keys, "\n".join(part.text for part in parts))


def _other_forms(keys: Set[str]) -> Set[str]:
    """`VP` and `Vice President` are the same."""
    forms: set[str] = set()
    for short, words in _OTHER_FORMS:
        if short in keys:
            forms |= words
        elif words <= keys:
            forms.add(short)
    return forms


def _mentions(text: str) -> Sequence[Mention]:
    """What there is to prove, in the order in which it is told: as a whole, which is slow."""
    found: list[Mention] = []
    rest = plain(read_links(visible(text), found))
    words = letter_runs(rest)
    read_names(read_numbers(read_dates(rest, words, found), words, found), found)
    return [each for each in found if each.readings]
