"""What is sent of a lead holds tokens for its personal data, and the answer the data again."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain.errors import FailureType, SummarizerFailed
from domain.insight import Channel, Claim, Insight, NextActionType, Priority
from domain.masking import Masked, mask
from domain.plain_text import is_plain
from domain.summary_input import KnownActivity, StageMove, SummaryInput

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 7946 0018"}


def known(notes: str = "", **facts: str) -> SummaryInput:
    told = {"notes": notes} if notes else {}
    return SummaryInput({**ADA, **told, **facts})


def masked_notes(notes: str, **facts: str) -> str:
    return mask(known(notes, **facts)).known.facts["notes"]


def an_insight(text: str) -> Insight:
    return Insight(
        summary=f"A {text}.",
        next_action=f"Call {text}.",
        next_action_type=NextActionType.CALL,
        channel=Channel.PHONE,
        priority=Priority.HIGH,
        due_in_days=1,
        reason=f"For {text}.",
        claims=(Claim(f"Is {text}.", ("notes", "NAME_1")),),
    )


def refusal(masked: Masked, text: str) -> SummarizerFailed:
    with pytest.raises(SummarizerFailed) as refused:
        masked.reveal(an_insight(text))
    return refused.value


def test_a_lead_s_own_data_is_sent_as_tokens() -> None:
    facts = mask(
        known(status="new", source="manual", company="Navy", job_title="Countess")
    ).known.facts

    assert facts == {
        "name": "[NAME_1]",
        "email": "[EMAIL_1]",
        "phone": "[PHONE_1]",
        "status": "new",
        "source": "manual",
        "company": "Navy",
        "job_title": "Countess",
    }


def test_activities_are_masked_but_for_what_we_wrote_ourselves() -> None:
    activity = KnownActivity("a-1", "call", "2026-11-24", "Ada asked.")
    move = StageMove("2026-11-24", "new", "contacted")

    sent = mask(SummaryInput(ADA, [activity], [move])).known

    assert list(sent.activities) == [replace(activity, text="[NAME_2] asked.")]
    assert list(sent.history) == [move]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Ada Lovelace", "ADA  lovelace"),
        ("Ada Lovelace", "ada"),
        ("Ada Lovelace", "adalovelace"),
        ("Ada Lovelace", "Ａｄａ"),
        ("Ada Lovelace", "A\u200bda"),
        ("José Núñez", "Jose Nunez"),
        ("Jose Nunez", "JOSE\u0301"),
        ("Søren Ørsted", "Soren"),
        ("Anne-Marie O’Brien", "O'Brien"),
        ("Anne-Marie O'Brien", "Anne-Marie"),
        ("Anne-Marie O'Brien", "marie"),
        ("Иван Петров", "ИВАН"),
        ("Ὀδυσσεύς", "οδυσσευς"),
        ("राम कुमार", "राम"),
        ("محمد علي", "محمد"),
        ("Weiß", "WEISS"),
        ("Will Smith", "Will"),
        ("Will Smith", "WILL"),
        ("Will Smith", "will smith"),
    ],
)
def test_a_name_is_found_in_each_spelling(name: str, written: str) -> None:
    assert re.fullmatch(
        r"To \[NAME_\d\]'s desk, \[NAME_\d\]\.",
        masked_notes(f"To {written}'s desk, {written}.", name=name),
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [("王小明", "我和王小明谈过"), ("山田 太郎", "山田さん"), ("김철수", "김철수는")],
)
def test_a_name_is_found_where_no_space_surrounds_words(name: str, written: str) -> None:
    assert "[NAME_" in masked_notes(written, name=name)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada Lovelace", "Adamant"),
        ("Ada Lovelace", "Canada"),
        ("Will Smith", "they will call"),
        ("An Do", "an offer to do"),
        ("J. Doe", "plan J"),
    ],
)
def test_what_only_resembles_a_name_is_left(name: str, written: str) -> None:
    assert masked_notes(written, name=name) == written


@pytest.mark.parametrize(
    "written",
    [
        "bob.o'hara+crm@mail.example.co.uk",
        "ADA@EXAMPLE.COM",
        "ada＠example.com",
        "用户@例子.公司",
        "bob@localhost",
    ],
)
def test_each_address_is_masked(written: str) -> None:
    assert masked_notes(f"Or '{written}', <{written}>.") == "Or '[EMAIL_2]', <[EMAIL_2]>."


def test_an_address_right_behind_a_number_is_masked_whole() -> None:
    assert masked_notes("1 20@example.com") == "1 [EMAIL_2]"


def test_a_lead_s_unusual_address_is_masked() -> None:
    assert masked_notes("to !a/b@example.com", email="!a/b@example.com") == "to [EMAIL_1]"


@pytest.mark.parametrize(
    "written",
    [
        "+1 (555) 010-9999",
        "030/123 45 67",
        "0171.1234567",
        "5550109",
        "+49\u00a030\u202f1234\u20115678",
        "٠٥٥١٢٣٤٥٦٧",
        "442079460018",
    ],
)
def test_each_number_that_a_phone_may_have_is_masked(written: str) -> None:
    assert masked_notes(f"Call {written}.") == "Call [PHONE_2]."


@pytest.mark.parametrize("written", ["12-34 x5", "12345", "1 23 45", "7 12345"])
def test_a_lead_s_own_short_number_is_masked(written: str) -> None:
    assert re.fullmatch(r"Call \[PHONE_\d\].", masked_notes(f"Call {written}.", phone="12-34 x5"))


@pytest.mark.parametrize(
    "written",
    [
        "by 2026-11-24 12:30, or 24.11.2026 at noon",
        "11/24/2026",
        "from 2024-2025",
        "for $1500000 or 1,500,000 EUR",
        "250 seats in 12 offices",
    ],
)
def test_dates_and_amounts_are_left(written: str) -> None:
    assert masked_notes(written) == written


def test_a_word_of_the_name_is_masked_in_the_company_too() -> None:
    assert mask(known(company="Lovelace & Co")).known.facts["company"] == "[NAME_2] & Co"


def test_the_same_input_has_the_same_tokens() -> None:
    notes = "Ada, ada, bob@example.com"
    other = SummaryInput(dict(reversed([*known(notes).facts.items()])))

    assert mask(known(notes)).known.canonical == mask(other).known.canonical


def test_the_answer_holds_the_data_again() -> None:
    masked = mask(known("Ada: bob@example.com, 5550109"))

    shown = masked.reveal(an_insight("[NAME_1] [NAME_2] [EMAIL_2] [PHONE_1] [PHONE_2]"))

    text = "Ada Lovelace Ada bob@example.com +44 20 7946 0018 5550109"
    assert shown == an_insight(text)


@pytest.mark.parametrize(
    "spelled",
    ["[name_1]", "NAME_1", "[NAME 1]", "[ NAME_1 ]", "[Name-1]", "[NAME\\_1]", "[NAME_01]"],
)
def test_a_token_is_known_in_each_way_that_models_spell_it(spelled: str) -> None:
    assert mask(known()).reveal(an_insight(f"{spelled}'s")) == an_insight("Ada Lovelace's")


@pytest.mark.parametrize("token", ["[NAME_7]", "EMAIL_2", "[TEXT_1]", "[NAME_0]"])
def test_a_token_that_stands_for_nothing_is_ungrounded(token: str) -> None:
    failure = refusal(mask(known()), f"Ada {token}")

    assert failure.type is FailureType.UNGROUNDED
    assert "ada" not in str(failure).lower()
    assert token not in str(failure)


@pytest.mark.parametrize(
    "written",
    [
        "[NAME_1]",
        "[name 1]",
        "NAME_1",
        "[PHONE_1]",
        "[TEXT_1]",
        "[NA\u202aME_1]",
        "[ＮＡＭＥ_1]",
        "5550109NAME_1",
        "filename_1",
        "[NAME_[EMAIL_1]]",
    ],
)
def test_what_a_stranger_wrote_like_a_token_stays_what_it_is(written: str) -> None:
    masked = mask(known(f"Is {written}"))

    shown = masked.reveal(an_insight(masked.known.facts["notes"]))

    assert shown == an_insight(f"Is {written}")


def test_a_text_that_data_makes_too_long_is_refused() -> None:
    masked = mask(known(name="A" * 200))

    failure = refusal(masked, "[NAME_1] " * 3)

    assert (failure.type, failure.detail) == (
        FailureType.SCHEMA,
        "next_action is longer than 300 characters",
    )


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("https://evil.example/x", "[NAME_1]"),
        ("Evil https", "[NAME_2]://x.example"),
        ("<img src=x>", "[NAME_1]"),
    ],
)
def test_a_name_that_is_a_link_does_not_come_back(name: str, sent: str) -> None:
    masked = mask(known("https", name=name))

    failure = refusal(masked, sent)

    assert (failure.type, failure.detail) == (
        FailureType.SCHEMA,
        "summary holds a link or markup",
    )


def test_nothing_of_the_data_is_in_the_repr_of_what_is_masked() -> None:
    shown = repr(mask(known("ada"))).lower()

    assert "ada" not in shown
    assert "7946" not in shown


NAMES = st.sampled_from(
    ["Ada Lovelace", "José Núñez-Ørsted", "Иван Петров", "王小明", "Zoë O'Brien", "Kim Phone",
     "Will Young", "[NAME_1] Mallory", "Anne-Marie Weiß", "محمد علي", "Email Text", "Dr. R2 D2xy"]
)  # fmt: skip
LOCALS = ["ada", "7", "a.b+c", "!odd/one", "12-34"]
EMAILS = st.builds("{}@{}".format, st.sampled_from(LOCALS), st.sampled_from(["x.io", "a-b.co.uk"]))
PHONES = st.sampled_from(["+44 (20) 7946-0018", "5550109", "030/123 45 67", "12-34 5", "+1-900-5"])
LOOKALIKES = st.sampled_from(["[NAME_1]", "name_2", "[Phone 1]", "TEXT_1", "[EMAIL_", "[NAME"])
FILLINGS = st.text(st.sampled_from("abk ,.;:-_[]()'@+/\n1297éß王\u200bNAMETXILPHO"), max_size=20)
SPELLINGS: list[Callable[[str], str]] = [str, str.upper, str.title]


@st.composite
def leads(draw: st.DrawFn) -> SummaryInput:
    """A lead whose texts are made of its own data, others' data, and what lies between."""
    name, email, phone = draw(NAMES), draw(EMAILS), draw(PHONES)
    own = [name, *name.split(), email, phone]
    piece = st.sampled_from(own).flatmap(
        lambda text: st.sampled_from([spell(text) for spell in SPELLINGS])
    )
    text = st.lists(piece | EMAILS | PHONES | FILLINGS | LOOKALIKES, max_size=8).map(" ".join)
    joined = st.lists(FILLINGS | LOOKALIKES | PHONES, max_size=8).map("".join)
    facts = {"name": name, "email": email, "phone": phone, "notes": draw(text | joined)}
    activity = KnownActivity("0190", "note", "2026-11-24", draw(text))
    return SummaryInput({**facts, "company": draw(text)}, [activity])


@settings(max_examples=200, deadline=None)
@given(leads())
def test_whatever_is_quoted_comes_back_as_it_was(lead: SummaryInput) -> None:
    masked = mask(lead)

    for sent, real in zip(_texts(masked.known), _texts(lead), strict=True):
        # what is not plain is refused, see above
        assume(is_plain(real))
        assert masked.reveal(replace(an_insight(""), summary=sent)).summary == real


@settings(max_examples=200, deadline=None)
@example(SummaryInput({"name": "Ada", "email": "a@b.c", "phone": "1", "notes": "1@1'1@1"}))
@given(leads())
def test_nothing_of_the_data_is_left_in_what_is_sent(lead: SummaryInput) -> None:
    sent = re.sub(r"\[(NAME|EMAIL|PHONE|TEXT)_\d+\]", "[]", "\n".join(_texts(mask(lead).known)))

    assert lead.facts["email"].lower() not in sent.lower()
    assert not re.search(r"\w@\w", sent)
    assert lead.facts["phone"] not in sent
    assert not re.search(r"\d{7}", sent)
    for part in re.findall(r"[^\W\d_]{2,}", lead.facts["name"]):
        for spelled in {part, part.upper(), part.title()}:
            assert not re.search(rf"(?<![^\W\d_]){re.escape(spelled)}(?![^\W\d_])", sent)


def _texts(lead: SummaryInput) -> list[str]:
    facts = [text for _, text in sorted(lead.facts.items())]
    return [*facts, *(activity.text for activity in lead.activities)]


@pytest.mark.parametrize(
    "piece", ["a", "@", "a@", "1", "1 ", "(", "[", "[name ", "[name_", "name_1", "ada ", "\n", "'"]
)
def test_a_long_text_takes_linear_time(piece: str) -> None:
    notes = (piece * 50_000)[:50_000]

    started = time.process_time()
    mask(known(notes))

    assert time.process_time() - started < 5
