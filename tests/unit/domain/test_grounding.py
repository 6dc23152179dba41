"""An insight that says only what is known passes; whatever was invented is found, by its kind."""

import string
from itertools import chain
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.grounding import Finding, ungrounded
from domain.grounding_dates import read_dates
from domain.grounding_lexicon import ANYWHERE, OPENERS
from domain.grounding_names import read_names
from domain.grounding_numbers import read_numbers
from domain.grounding_pieces import read_pieces
from domain.grounding_terms import (
    ABBREVIATIONS,
    MONTHS,
    NUMBER_WORDS,
    RELATIVE_DAYS,
    SCALES,
    UNITS,
    WEEKDAYS,
)
from domain.grounding_text import Mention, letter_runs, plain, visible
from domain.insight import Claim, Insight
from domain.summary_input import KnownActivity, SummaryInput
from tests.honest_insights import HONEST_INSIGHTS, Honest, an_insight
from tests.known_leads import ADA, BEETHOVEN, LEFEVRE, OBRIEN, STARTUP, TALL, WANG
from tests.lies import LIES, Lie

WORDS = {*ANYWHERE, *OPENERS, *MONTHS, *WEEKDAYS, *NUMBER_WORDS, *SCALES}
EVIDENCE = ADA.canonical.casefold()
letters = st.text(string.ascii_lowercase, min_size=6, max_size=12)
pseudo_words = letters.filter(
    lambda word: word not in WORDS and word not in EVIDENCE and word.rstrip("s") not in WORDS
)


@pytest.mark.parametrize("honest", HONEST_INSIGHTS, ids=lambda honest: honest.name)
def test_what_is_known_may_be_said(honest: Honest) -> None:
    assert list(ungrounded(honest.insight, honest.known)) == []


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: f"{lie.kind}: {lie.text}")
def test_a_lie_is_found(lie: Lie) -> None:
    assert list(ungrounded(_insight_with(lie), ADA)) == [Finding(lie.where, lie.kind)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("due 3rdmarch", "date"),
        ("due 3thmay, ok", "date"),
        ("at 15h30", "number"),
        ("at 3 a.m", "number"),
        ("at 9:45", "number"),
        ("dial 9)(8/7-6.5 4 3 2", "number"),
        ("see evil。com", "url"),
        ("see evil .com", "url"),
        ("run javascrıpt:alert", "url"),
        ("see evil.example", "url"),
        ("run javascript:alert", "url"),
        ("to eve at b dot com", "email"),
        ("in h1", "date"),
        ("in the second quarter", "date"),
    ],
)
def test_what_is_rare_is_looked_for_all_the_same(text: str, kind: str) -> None:
    """The checks skip what a text cannot have; these have just enough."""
    assert kind in {finding.kind for finding in ungrounded(an_insight(text), ADA)}


def test_every_place_is_looked_at() -> None:
    told = an_insight("Grace.", "Call Grace.", "It is Grace.", (Claim("Is Grace.", ("name",)),))

    places = {finding.where for finding in ungrounded(told, ADA)}

    assert places == {"summary", "next_action", "reason", "claims/0"}


def test_each_kind_is_told_once_for_each_place() -> None:
    told = an_insight("Grace and Alan have 77 and 78 seats.")

    assert list(ungrounded(told, ADA)) == [Finding("summary", "number"), Finding("summary", "name")]


def test_a_finding_does_not_hold_the_text() -> None:
    assert "Grace" not in repr(ungrounded(an_insight("Met Grace."), ADA))


@pytest.mark.parametrize("blanks", ["\n", "  ", "\t", "\r\n"])
def test_a_date_on_two_lines_may_be_told_on_one(blanks: str) -> None:
    known = SummaryInput({"name": "Ada Byron", "notes": f"Starts on May{blanks}5."})
    told = an_insight(summary="Starts on May 5.", claims=(Claim("Starts on May 5.", ("notes",)),))

    assert list(ungrounded(told, known)) == []


@pytest.mark.parametrize("text", ["See her tomorrow.", "Reply in 3 days.", "Due next week."])
def test_the_plan_may_be_told_from_today_but_not_the_past(text: str) -> None:
    planned = an_insight(next_action=text, reason=text, due=3)
    claimed = an_insight(summary=text, claims=(Claim(text, ("notes",)),), due=3)

    assert list(ungrounded(planned, ADA)) == []
    assert {finding.where for finding in ungrounded(claimed, ADA)} == {"summary", "claims/0"}


def test_due_days_ground_nothing_but_a_span_of_time() -> None:
    told = an_insight(next_action="Sell her 3 seats.", due=3)

    assert list(ungrounded(told, ADA)) == [Finding("next_action", "number")]


@pytest.mark.parametrize("known", [ADA, OBRIEN, BEETHOVEN, LEFEVRE, WANG, STARTUP, TALL])
def test_what_is_quoted_whole_is_never_refused(known: SummaryInput) -> None:
    for name, text in known.evidence.items():
        told = an_insight(summary=text, reason=text, claims=(Claim(text, (name,)),))
        assert list(ungrounded(told, known)) == []


@given(st.data())
def test_evidence_in_any_order_has_no_other_number_email_or_url(data: st.DataObject) -> None:
    notes = data.draw(st.lists(st.text(max_size=80), max_size=4))
    known = SummaryInput(ADA.facts, [KnownActivity(f"a{number}", "note", "2026-01-01", note)
                                     for number, note in enumerate(notes)])  # fmt: skip
    parts = data.draw(st.lists(st.sampled_from(list(known.evidence.values())), max_size=5))

    found = ungrounded(an_insight("\n".join(parts)), known)

    assert {finding.kind for finding in found} <= {"name", "date", "script"}


@given(st.integers(min_value=51, max_value=10**12), st.sampled_from(["{}", "{:,}", "{} %", "£{}"]))
def test_an_invented_number_is_found(number: int, form: str) -> None:
    if str(number) in EVIDENCE or number in {1200, 50_000, 5_000_000}:
        return

    assert _kinds(f"She has {form.format(number)} of them.") == {"number"}


@given(letters, letters)
def test_an_invented_address_is_found(local: str, domain: str) -> None:
    assert _kinds(f"Write to {local}@{domain}.example now.") == {"email"}


@given(letters, st.sampled_from(["https://{}.com", "www.{}.org/a", "{}.io", "{}.co.uk"]))
def test_an_invented_link_is_found(host: str, form: str) -> None:
    assert _kinds(f"Look at {form.format(host)} now.") == {"url"}


@given(
    pseudo_words,
    st.sampled_from([str.capitalize, str.upper, lambda word: word[:3] + word[3:].capitalize()]),
    st.sampled_from(["Works with {}.", "{} is her boss.", "Uses “{}” daily.", "It is {}'s."]),
)
def test_an_invented_name_is_found(word: str, form: object, sentence: str) -> None:
    assert callable(form)
    assert _kinds(sentence.format(form(word))) == {"name"}


@given(st.text(max_size=300) | st.text("019.,'-/:() +@kmaphun\n", max_size=60))
@example("1'1k")
def test_no_text_breaks_the_check(text: str) -> None:
    known = SummaryInput({"name": text, "notes": text})
    told = an_insight(text, claims=(Claim(text, ("notes",)),))

    assert {finding.kind for finding in ungrounded(told, known)} <= {"name"}


FURTHER = """
    a an and to of de am uhr a.m. p.m first second quarter Q1 business calendar hour days weeks
    May Ada people licences Call IT VPs can't follow-up mid-march twenty-five J.R. ½ ² § - 北京
    ada@example.com evil.com Müller ( “ • 3 12 24. 2027 2027-03-31 1/2 14.3. 9:45 1,200 +44 20
    7946 000 (0)20 h1 3rd 5k
"""
TERMS = {*MONTHS, *WEEKDAYS, *NUMBER_WORDS, *SCALES, *UNITS, *RELATIVE_DAYS, *ABBREVIATIONS}
terms = st.sampled_from(sorted({*TERMS, *FURTHER.split()}))
marks = st.sampled_from(["", "", "", ".", ",", ":", "?", "'s", ")", "-", " -", "\n"])
shapes = st.sampled_from([str, str, str.capitalize, str.upper])
sentences = st.lists(
    st.builds(lambda word, shape, mark: shape(word) + mark, terms, shapes, marks), max_size=12
).map(" ".join)


def test_another_form_of_another_form_is_not_known() -> None:
    known = SummaryInput({"name": "Ada", "company": "US Steel", "notes": "Wants a demo."})

    assert not ungrounded(an_insight("Ada is in the United States."), known)
    assert ungrounded(an_insight("Ada is in the USA."), known)


@given(sentences)
@example("a 24 hour wait")
@example("by 31 march 2027. Call")
@example("12 people Urgent")
@example("1234 and 0050. Call 123456, 12 of 7: Call 31 an hour 9 to 5")
@example("1234567 and 12 a 40?")
def test_pieces_mention_what_the_whole_does(text: str) -> None:
    rest = plain(visible(text))
    words = letter_runs(rest)
    whole: list[Mention] = []
    read_names(read_numbers(read_dates(rest, words, whole), words, whole), whole)

    pieces = read_pieces(rest)

    mentions = {mention for piece in pieces for mention in piece.mentions}
    assert mentions == {mention for mention in whole if mention.readings}
    assert {key for piece in pieces for key in piece.keys} == {
        key for mention in whole for key in (*mention.grants, *chain(*mention.readings))
    }


@pytest.mark.parametrize(
    "piece",
    ["a", "A", "1", "1,", "1 ", "1.", "a.", "a@", "@", "- ", "one ", "half a ", "(", "+1 ", "May ",
     "a at ", "a dot ", "'", "A'", "9-", "1:", "\u0410", "漢", "\u0301", "\ufdfa", "x://", "9 k "],
)  # fmt: skip
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    """The longest insight, and more than is known of anybody; seconds of a processor."""
    long = (piece * 1_000)[:1_000]
    told = an_insight(long, long[:300], long[:300], tuple([Claim(long[:300], ("notes",))] * 20))
    acts = [KnownActivity(str(number), "note", "2026-01-01", long) for number in range(30)]
    known = SummaryInput({"name": "Ada", "notes": (piece * 40_000)[:40_000] + " 1"}, acts)

    began = process_time()
    ungrounded(told, known)

    assert process_time() - began < 2


def test_known_data_is_no_secret_of_the_lexicon() -> None:
    """The names in our tests are found because they are unknown, not because they are listed."""
    assert not {"grace", "microsoft", "ada", "will", "mark", "may"} & (ANYWHERE | OPENERS) - {"may"}


def _kinds(text: str) -> set[str]:
    return {finding.kind for finding in ungrounded(an_insight(text), ADA)}


def _insight_with(lie: Lie) -> Insight:
    if lie.where == "claims/0":
        return an_insight(claims=(Claim(lie.text, lie.evidence),))
    if lie.where == "next_action":
        return an_insight(next_action=lie.text)
    return an_insight(reason=lie.text) if lie.where == "reason" else an_insight(lie.text)
