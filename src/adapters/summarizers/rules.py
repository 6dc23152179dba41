"""Summaries by fixed rules: free, offline, the same each time, and never more than is known."""

import re
from collections.abc import Mapping, Sequence

from adapters.summarizers._rules_table import (
    MODEL,
    NEGATED,
    PROMPT_VERSION,
    RULES,
    SIGNALS,
    STATUSES,
    TITLES,
    Rule,
)
from adapters.summarizers._text import clipped, is_blank, one_line, without_links
from domain.ports import Summarizer
from domain.summary import Insight, SummarizerAnswer, SummaryInput

_SHOWN = 80
_QUOTED = 240
"""Characters of a field, and of the notes, that are repeated at most."""

# three letters before the stop, so that neither `Dr.` nor `e.g.` ends a sentence
_SENTENCE_BREAK = re.compile(r"(?<=\w{3}[.!?])\s+|(?<=[。！？])|[\r\n]+")
_STOP = re.compile(r"[.!?。！？]+(?=\s|$)")


class RulesSummarizer(Summarizer):
    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        """Never fails; what is found where stands in the table of rules."""
        shown = _shown_fields(known.facts)
        sentences = _sentences(known.facts.get("notes", ""))
        signals = _signals("\n".join(sentences))
        rule = _rule_for(_traits(shown, sentences, signals))
        telling = next((signals[trait] for trait in rule.when.split() if trait in signals), None)
        quote = telling or next(iter(sentences), None)
        return SummarizerAnswer(
            insight=Insight(
                summary=_summary(shown, quote),
                next_action=_next_action(rule, shown, by_mail="by_mail" in signals, quote=quote),
            ),
            provider="rules",
            model=MODEL,
            prompt_version=PROMPT_VERSION,
        )

    async def close(self) -> None:
        """Nothing is held open."""


def _shown_fields(facts: Mapping[str, str]) -> dict[str, str]:
    lines = {field: one_line(without_links(text)) for field, text in facts.items()}
    return {
        field: clipped(line, _SHOWN)
        for field, line in lines.items()
        if field != "notes" and not is_blank(line)
    }


def _sentences(notes: str) -> list[str]:
    parts = (one_line(part) for part in _SENTENCE_BREAK.split(without_links(notes)))
    return [part for part in parts if not is_blank(part)]


def _signals(notes: str) -> dict[str, str]:
    """The sentence that gives each signal; `notes` has one sentence a line."""
    found: dict[str, str] = {}
    for signal, pattern in SIGNALS.items():
        for match in pattern.finditer(notes):
            start = notes.rfind("\n", 0, match.start()) + 1
            if not NEGATED.search(notes[max(start, match.start() - _SHOWN) : match.start()]):
                found[signal] = notes[start:].partition("\n")[0]
                break
    return found


def _traits(
    shown: Mapping[str, str], sentences: Sequence[str], signals: Mapping[str, str]
) -> set[str]:
    """The lead's status, its fields by name, its signals and the kind of its job title."""
    title = shown.get("job_title", "")
    kinds = [kind for kind, pattern in TITLES.items() if pattern.search(title)]
    notes = {"notes"} if sentences else set()
    return {shown.get("status", "new"), *shown, *notes, *signals, *kinds[:1]}


def _rule_for(traits: set[str]) -> Rule:
    return next(rule for rule in RULES if rule.fits(traits))


def _summary(shown: Mapping[str, str], quote: str | None) -> str:
    name, title, company = _name(shown), shown.get("job_title"), shown.get("company")
    if title:
        who = f"{name}, {title} at {company}," if company else f"{name}, {title},"
    else:
        who = f"{name} of {company}" if company else name
    source = shown.get("source", "manual")
    origin = "entered by hand" if source == "manual" else f"from the source {source}"
    status = STATUSES.get(shown.get("status", "new"), "a lead")
    channels = [word for field, word in (("phone", "phone"), ("email", "e-mail")) if field in shown]

    parts = [f"{who} is {status}, {origin}."]
    if channels:
        parts.append(f"Can be reached by {_listed(channels)}.")
    if quote:
        parts.append(f"The notes say: “{clipped(quote.rstrip('.'), _QUOTED)}”.")
    if missing := _missing(shown, quote):
        parts.append(f"Not known yet: {_listed(missing)}.")
    return " ".join(parts)


def _next_action(rule: Rule, shown: Mapping[str, str], *, by_mail: bool, quote: str | None) -> str:
    name = _unstopped(_name(shown))
    return rule.action.format(
        name=name,
        reach=f"Call {name}" if "phone" in shown and not by_mail else f"Write to {name}",
        company=_unstopped(shown.get("company", "")),
        missing=_listed(_missing(shown, quote)),
    )


def _missing(shown: Mapping[str, str], quote: str | None) -> list[str]:
    known = {"company": "company" in shown, "role": "job_title" in shown, "need": bool(quote)}
    return [fact for fact, is_known in known.items() if not is_known]


def _name(shown: Mapping[str, str]) -> str:
    return shown.get("name", "this lead")


def _unstopped(text: str) -> str:
    """Without what would end the sentence that it stands in."""
    return _STOP.sub("", text)


def _listed(words: Sequence[str]) -> str:
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last
