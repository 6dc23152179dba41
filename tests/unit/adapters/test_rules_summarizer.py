"""RulesSummarizer keeps the promise of its port, and picks what a salesperson would pick."""

import re
import time

import pytest

from adapters.summarizers._rules_table import RULES
from adapters.summarizers.rules import RulesSummarizer
from domain.summary import Insight, SummaryInput
from tests.contracts.summarizers import SummarizerContract, known_of

PHONE = "+44 20 7946 0000"
ACME = {"company": "Acme Inc.", "phone": PHONE}


async def insight_on(**but: object) -> Insight:
    return (await RulesSummarizer().summarize(known_of(**but))).insight


class TestRulesSummarizer(SummarizerContract):
    adapter = "summarizers.rules"

    @pytest.fixture
    def summarizer(self) -> RulesSummarizer:
        return RulesSummarizer()


GOLDEN = [
    ({}, "Write to Ada Lovelace to find out company, role and need."),
    ({"phone": PHONE}, "Call Ada Lovelace to find out company, role and need."),
    ({"job_title": "CTO"}, "Write to Ada Lovelace to find out company and need."),
    (
        {"company": "Acme Inc."},
        "Write to Ada Lovelace to find out what Acme Inc needs and who decides there.",
    ),
    (
        {**ACME, "job_title": "Chief Executive"},
        "Call Ada Lovelace to find out what Acme Inc needs and how they decide on it.",
    ),
    (
        {**ACME, "job_title": "Assistant to the CEO"},
        "Call Ada Lovelace to find out who decides about purchases at Acme Inc.",
    ),
    (
        {**ACME, "notes": "Met at the fair. Would like a demo for the whole team"},
        "Call Ada Lovelace to set a date for the demo mentioned in the notes.",
    ),
    (
        {"notes": "How much is it for 20 people?"},
        "Write to Ada Lovelace to answer the price question and agree what a quote must cover.",
    ),
    (
        {"notes": "Demo done, now asks for an offer"},
        "Write to Ada Lovelace to answer the price question and agree what a quote must cover.",
    ),
    ({"phone": PHONE, "notes": "pls call me"}, "Call Ada Lovelace back, as the notes ask."),
    (
        {"notes": "pls call me"},
        "Write to Ada Lovelace for a phone number, as the notes ask for a call.",
    ),
    (
        {"phone": PHONE, "notes": "No calls please, prefers e-mail.\nWants a free trial"},
        "Write to Ada Lovelace to set up the trial mentioned in the notes.",
    ),
    (
        {"phone": PHONE, "notes": "Proposed a meeting in Berlin"},
        "Call Ada Lovelace to fix a date for the meeting mentioned in the notes.",
    ),
    (
        {"notes": "Too early, try next quarter"},
        "Write to Ada Lovelace to agree a date for the next talk, as the notes put it off.",
    ),
    (
        {"notes": "Doesn't want a demo but asked whether it runs offline"},
        "Write to Ada Lovelace to answer the question in the notes.",
    ),
    (
        {"notes": "Friend of Charles"},
        "Write to Ada Lovelace to talk about what the notes say and find out the need.",
    ),
    (
        {"notes": "Not interested any more, went with another vendor"},
        "Mark Ada Lovelace as unqualified, as the notes say there is no interest.",
    ),
    (
        {"phone": PHONE, "notes": "Do not contact me again, I want no demo"},
        "No action: the notes say that Ada Lovelace does not want to be contacted.",
    ),
    (
        {"notes": "Met at the fair. Doesn't want to be contacted"},
        "No action: the notes say that Ada Lovelace does not want to be contacted.",
    ),
    (
        {**ACME, "notes": "She left the company in May"},
        "Find out who took over from Ada Lovelace at Acme Inc, as they left.",
    ),
    (
        {"phone": PHONE, "notes": "Very unhappy with our support, wants a refund"},
        "Call Ada Lovelace to settle the complaint in the notes before offering anything.",
    ),
    (
        {"status": "contacted", "phone": PHONE},
        "Call Ada Lovelace to follow up on the first contact.",
    ),
    (
        {**ACME, "status": "qualified"},
        "Call Ada Lovelace to agree the next step towards an offer.",
    ),
    (
        {"status": "unqualified", "notes": "Wants a demo"},
        "No action: Ada Lovelace is marked as unqualified.",
    ),
    (
        {"status": "converted", "phone": PHONE},
        "Hand Ada Lovelace over to customer care, as the lead is converted.",
    ),
    (
        {"status": "converted", "notes": "Complained about the invoice"},
        "Hand Ada Lovelace over to customer care with the complaint noted.",
    ),
]


@pytest.mark.parametrize(("fields", "action"), GOLDEN, ids=[str(fields) for fields, _ in GOLDEN])
async def test_each_lead_gets_its_next_action(fields: dict[str, object], action: str) -> None:
    assert (await insight_on(**fields)).next_action == action


SUMMARIES = [
    (
        {},
        """
        Ada Lovelace is a new lead, entered by hand. Can be reached by e-mail.
        Not known yet: company, role and need.
        """,
    ),
    (
        {**ACME, "job_title": "CTO", "source": "randomuser", "status": "contacted"},
        """
        Ada Lovelace, CTO at Acme Inc., is a contacted lead, from the source randomuser.
        Can be reached by phone and e-mail. Not known yet: need.
        """,
    ),
    (
        {"company": "Acme", "notes": "Met at the fair.\nWants a demo.", "status": "unqualified"},
        """
        Ada Lovelace of Acme is an unqualified lead, entered by hand. Can be reached by e-mail.
        The notes say: “Met at the fair”. Not known yet: role.
        """,
    ),
]


@pytest.mark.parametrize(("fields", "summary"), SUMMARIES)
async def test_the_summary_says_what_is_known_and_what_is_not(
    fields: dict[str, object], summary: str
) -> None:
    assert (await insight_on(**fields)).summary == " ".join(summary.split())


async def test_the_summary_quotes_what_the_action_rests_on() -> None:
    insight = await insight_on(notes="Met Dr. Babbage at the fair. Wants a demo. Likes tea.")

    assert "“Wants a demo”" in insight.summary


@pytest.mark.parametrize("fields", [fields for fields, _ in GOLDEN], ids=str)
async def test_no_name_and_no_number_is_invented(fields: dict[str, object]) -> None:
    known, insight = known_of(**fields), await insight_on(**fields)

    said = set(re.findall(r"\w+", f"{insight.summary} {insight.next_action}"))
    unknown = said - set(re.findall(r"\w+", " ".join(known.facts.values())))
    openings = {"Ada", "Call", "Can", "Find", "Hand", "Mark", "No", "Not", "The", "Write"}
    assert {word for word in unknown if word != word.lower()} <= openings
    assert not {word for word in unknown if any(letter.isdigit() for letter in word)}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x?y=1",
        "HTTP://evil.example",
        "www.evil.example",
        "evil.example/pay",
        "[click](https://evil.example)",
        "<a href='https://evil.example'>click</a>",
        "javascript:alert('evil.example')",
    ],
)
async def test_no_link_gets_through(link: str) -> None:
    insight = await insight_on(
        name=f"Ada {link}", company=link, job_title=link, notes=f"See {link} for a demo"
    )

    assert "evil" not in insight.summary + insight.next_action


async def test_a_name_cannot_add_a_sentence() -> None:
    insight = await insight_on(name="Ada. Pay 100! Now? Dr. Who")

    assert (
        insight.next_action == "Write to Ada Pay 100 Now Dr Who to find out company, role and need."
    )


async def test_a_name_of_nothing_but_a_link_is_not_shown() -> None:
    insight = await insight_on(name="https://evil.example")

    assert insight.next_action == "Write to this lead to find out company, role and need."


async def test_the_same_lead_gets_the_same_answer() -> None:
    known = known_of(**ACME, notes="Wants a demo, asked about prices")

    assert await RulesSummarizer().summarize(known) == await RulesSummarizer().summarize(known)


@pytest.mark.parametrize("piece", ["a.", "a-", "<a", "](", "don't ", "no demo ", "http://", "a.\n"])
async def test_no_text_takes_long(piece: str) -> None:
    known = SummaryInput({**known_of().facts, "notes": (piece * 10_000)[:10_000]})
    await RulesSummarizer().summarize(known)

    started = time.process_time()
    await RulesSummarizer().summarize(known)

    assert time.process_time() - started < 0.5


def test_every_rule_can_be_reached() -> None:
    hidden = [
        later.when
        for place, later in enumerate(RULES)
        if any(earlier.fits(set(later.when.split())) for earlier in RULES[:place])
    ]

    assert hidden == []
