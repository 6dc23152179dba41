"""What the rules take from a lead: its fields made fit to show, and what its texts say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from adapters.summarizers._rules_signals import (
    ALWAYS_SO,
    MINOR,
    NEGATED,
    SIGNALS,
    STANDING,
    TITLES,
    TO_MACHINES,
)
from adapters.summarizers._text import is_blank, one_line, without_links
from domain.summary_input import KnownActivity, StageMove, SummaryInput

_SHOWN = 80
_QUOTED = 150
_PASSAGE = 240
"""Characters of a field, of a sentence and of a text that are repeated at most."""
_MANY_TALKS = 3
_CONTACTS = frozenset({"call", "meeting", "email"})

# three letters before the stop, so that neither `Dr.` nor `e.g.` ends a sentence
_SENTENCE_BREAK = re.compile(r"(?<=\w{3}[.!?])\s+|(?<=[。！？])|[\r\n]+")
_LINE_BREAK = re.compile(r"[\r\n]+")
_STOP = re.compile(r"[.!?。！？]+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, and the name of what it stands in: `notes`, or an activity's id."""

    sentence: str
    passage: str
    """The whole text where it is short."""
    evidence: str
    said_by: str

    @property
    def told(self) -> str:
        """Who says what, as part of a sentence."""
        return f"{self.said_by} “{unstopped(shortened(self.sentence, _QUOTED))}”"

    @property
    def told_at_length(self) -> str:
        return f"{self.said_by} “{shortened(self.passage, _PASSAGE).rstrip('.。')}”."


@dataclass(frozen=True, slots=True)
class _Text:
    """An activity's text or the notes, as sentences, and where each signal is given in it."""

    evidence: str
    said_by: str
    on: str
    sentences: Sequence[str]
    whole: str
    """On one line; blank where it is cut."""
    signals: Mapping[str, str]
    is_cut: bool
    """Whether sentences that speak to machines were left out."""

    def quote(self, sentence: str) -> Quote:
        passage = self.whole if 0 < len(self.whole) <= _PASSAGE else sentence
        return Quote(sentence, passage, self.evidence, self.said_by)


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields by name, what is so of the lead, and the sentence that gives each signal."""

    shown: Mapping[str, str]
    traits: set[str]
    quotes: Mapping[str, Quote]
    opening: Quote | None
    """How the newest text begins."""
    last: KnownActivity | None
    """The newest contact."""
    newest_move: StageMove | None
    unread: Sequence[str]
    """Where sentences that speak to machines were left out."""


def read(known: SummaryInput) -> Reading:
    shown = _shown_fields(known.facts)
    texts = [_activity_text(activity) for activity in known.activities]
    texts.append(_text("notes", "The notes say", "", known.facts.get("notes", "")))
    quotes = _quotes(texts)
    openings = (text.quote(part) for text in texts for part in text.sentences if _is_telling(part))
    last = next((told for told in known.activities if told.type in _CONTACTS), None)
    opening = next(openings, None)
    move = next(iter(known.history), None)
    title = shown.get("job_title", "")
    kinds = [kind for kind, pattern in TITLES.items() if pattern.search(title)]
    traits = {shown.get("status", "new"), *shown, *quotes, *kinds[:1]}
    so = {
        "text": opening is not None,
        "last": last is not None,
        "asked": bool(quotes.keys() - MINOR),
        "long_ago": _is_long_ago(known, texts),
        "renewed": _is_renewed(known, texts),
        "had_offer": any("offered" in text.signals for text in texts),
        "by_mail": "by_mail" in quotes or _is_unanswered_again(texts),
    }
    unread = [text.evidence for text in texts if text.is_cut]
    traits.update(trait for trait, is_so in so.items() if is_so)
    return Reading(shown, traits, quotes, opening, last, move, unread)


def _shown_fields(facts: Mapping[str, str]) -> dict[str, str]:
    lines = {
        name: shortened(next(iter(_parts(_LINE_BREAK, text)), ""), _SHOWN)
        for name, text in facts.items()
        if name != "notes"
    }
    return {name: line for name, line in lines.items() if not is_blank(line)}


def _activity_text(activity: KnownActivity) -> _Text:
    return _text(activity.id, f"The {spoken(activity)} says", activity.on, activity.text)


def spoken(activity: KnownActivity) -> str:
    """As it stands in a sentence, `call on 2026-11-24`."""
    kind = "e-mail" if activity.type == "email" else activity.type
    return f"{kind} on {activity.on}"


def _text(evidence: str, said_by: str, on: str, text: str) -> _Text:
    parts = _parts(_SENTENCE_BREAK, text)
    sentences = [part for part in parts if not TO_MACHINES.search(part)]
    is_cut = len(sentences) < len(parts)
    whole = "" if is_cut else " / ".join(_parts(_LINE_BREAK, text))
    return _Text(evidence, said_by, on, sentences, whole, _signals("\n".join(sentences)), is_cut)


def _parts(boundary: re.Pattern[str], text: str) -> list[str]:
    """Those that show anything, each fit to be shown."""
    parts = (one_line(part) for part in boundary.split(without_links(text)))
    return [part for part in parts if not is_blank(part)]


def _signals(sentences: str) -> dict[str, str]:
    """The sentence that gives each signal; there is one a line."""
    found: dict[str, str] = {}
    for signal, pattern in SIGNALS.items():
        for match in pattern.finditer(sentences):
            start = sentences.rfind("\n", 0, match.start()) + 1
            before = sentences[max(start, match.start() - _SHOWN) : match.start()]
            if signal in ALWAYS_SO or not NEGATED.search(before):
                found[signal] = sentences[start:].partition("\n")[0]
                break
    return found


def _quotes(texts: Sequence[_Text]) -> dict[str, Quote]:
    """What stands, of what the texts say from the newest to the oldest."""
    said = [{signal: text.quote(part) for signal, part in text.signals.items()} for text in texts]
    newest = next((quotes for quotes in said if quotes.keys() - MINOR), None)
    found = dict(newest or (said[0] if said else {}))
    for signal, opposite in STANDING.items():
        found.pop(signal, None)
        telling = next((quotes for quotes in said if quotes.keys() & {signal, opposite}), {})
        if signal in telling:
            found[signal] = telling[signal]
    return found


def _is_renewed(known: SummaryInput, texts: Sequence[_Text]) -> bool:
    """Whether something was asked for since the lead was marked as unqualified."""
    marked = next((move.on for move in known.history if move.after == "unqualified"), None)
    asked = next((text.on for text in texts if text.signals.keys() - MINOR), "")
    return marked is not None and asked > marked


def _is_long_ago(known: SummaryInput, texts: Sequence[_Text]) -> bool:
    """Whether there were talks, and not only a few, since anything was asked for."""
    newer = list(takewhile(lambda text: not text.signals.keys() - MINOR, texts))
    contacts = {told.id for told in known.activities if told.type in _CONTACTS}
    talks = [t for t in newer if t.evidence in contacts and "no_answer" not in t.signals]
    return len(talks) >= _MANY_TALKS


def _is_unanswered_again(texts: Sequence[_Text]) -> bool:
    return len(texts) > 2 and all("no_answer" in text.signals for text in texts[:2])


def _is_telling(sentence: str) -> bool:
    """Not what a link leaves behind; scripts without spaces may say much in a word."""
    return " " in sentence or not sentence.isascii()


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words; blank if the first word is longer."""
    if len(text) <= limit:
        return text
    words = text[:limit].rpartition(" ")[0].rstrip()
    return f"{words}…" if words else ""


def unstopped(text: str) -> str:
    """Without what would end the sentence that it stands in."""
    return _STOP.sub("", text)
