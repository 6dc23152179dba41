"""Insights that say only what is known, as a careful colleague would put it; none is refused."""

from dataclasses import dataclass

from domain.insight import Channel, Claim, Insight, NextActionType, Priority
from domain.summary_input import SummaryInput
from tests.known_leads import (
    ADA,
    BEETHOVEN,
    BRAND,
    CALL,
    IVANOV,
    LEFEVRE,
    MAIL,
    OBRIEN,
    STARTUP,
    TALL,
    VISIT,
    WANG,
)


@dataclass(frozen=True, slots=True)
class Honest:
    name: str
    known: SummaryInput
    insight: Insight


def an_insight(
    summary: str = "A lead.",
    next_action: str = "Follow up.",
    reason: str = "It is due.",
    claims: tuple[Claim, ...] = (),
    due: int | None = None,
) -> Insight:
    return Insight(
        summary=summary, next_action=next_action, next_action_type=NextActionType.FOLLOW_UP,
        channel=Channel.EMAIL, priority=Priority.MEDIUM, due_in_days=due, reason=reason,
        claims=claims,
    )  # fmt: skip


def summary(name: str, known: SummaryInput, text: str) -> Honest:
    return Honest(name, known, an_insight(summary=text))


def action(name: str, known: SummaryInput, text: str, due: int | None = None) -> Honest:
    return Honest(name, known, an_insight(next_action=text, due=due))


def reason(name: str, known: SummaryInput, text: str, due: int | None = None) -> Honest:
    return Honest(name, known, an_insight(reason=text, due=due))


def claim(name: str, known: SummaryInput, text: str, *evidence: str) -> Honest:
    return Honest(name, known, an_insight(claims=(Claim(text, evidence),)))


HONEST_INSIGHTS = [
    summary("a plain one", ADA, "Ada Lovelace is VP of Sales at Analytical Engines Ltd."),
    summary("a title spelled out", ADA, "Ada is Vice President of Sales. She leads a team of 40."),
    summary("a status in capitals", ADA, "Status: Contacted. The lead came from a webinar."),
    summary("money without its k", ADA, "The budget is £50,000; each licence costs 1200."),
    summary("money with its code", ADA, "Has 50 thousand GBP and wants twelve licences."),
    summary("a dozen", ADA, "She asked for a dozen licences, at 1,200.00 each."),
    summary("a date turned round", ADA, "She decides by March 14, 2027, so there is time."),
    summary("an ISO date", ADA, "Decision due on 2027-03-14."),
    summary("a month", ADA, "The decision is due in March 2027."),
    summary("a month of an activity", ADA, "We met in September, and spoke on 20 November."),
    summary("a time", ADA, "Wants to see the API on Thursday at 15:30."),
    summary("a percentage", ADA, "Charles Babbage asked for 15 percent off."),
    summary("a link", ADA, "Docs are at engines.example/api; billing@engines.example pays."),
    summary("an address in capitals", ADA, "Write to ADA.LOVELACE@ENGINES.EXAMPLE instead."),
    summary("a phone in another spacing", ADA, "Her phone is +442079460958."),
    summary("a national phone", ADA, "Her phone is 020 7946 0958."),
    summary("a possessive", ADA, "Ada’s team uses Excel; Babbage's wish is a discount."),
    summary("rows", ADA, "Moves 5,000,000 rows."),
    summary("a soft hyphen", ADA, "Sells for Ana\u00adlytical Engines."),
    summary("no claim of any kind", ADA, "Interested and responsive, but nobody has decided yet."),
    summary("an Irish name", OBRIEN, "Siobhan O’Brien heads procurement for O'Brien & Sons."),
    summary("an Irish possessive", OBRIEN, "O'Brien's budget is known: it pays 1,250.50 a month."),
    summary("a phone in brackets", OBRIEN, "Can be reached at 01 2345678 before 6:30 am."),
    summary("a number in words", OBRIEN, "Needs deliveries three times a week."),
    summary("a name with particles", BEETHOVEN, "Ludwig van den Berg-Müller runs Müller Bau GmbH."),
    summary("umlauts in ASCII", BEETHOVEN, "Owner: Berg-Mueller."),
    summary("translated from German", BEETHOVEN, "Wants three licences by the end of March."),
    summary("a German date", BEETHOVEN, "A demo is set for 3 December at 3 pm; budget EUR 12,500."),
    summary("a German phone", BEETHOVEN, "Call +49 30 123456, or 030 123456."),
    summary("sharp s", BEETHOVEN, "Weiss expects a call."),
    summary("a French name", LEFEVRE, "Eloise Lefèvre leads L’Atelier du Gout in Lyon."),
    summary("a French date", LEFEVRE, "They meet on Friday, 12 February; she has twenty sellers."),
    summary("a Chinese name", WANG, "王小明 is 采购经理 at 华为技术有限公司."),
    summary("a Chinese month", WANG, "Wants a trial; the contact Li Wei has phone 13800138000."),
    summary("a Russian name", IVANOV, "Иван Петров is CTO at Яндекс, with 25 people."),
    summary("a handle", IVANOV, "Prefers Telegram (@ivan_petrov)."),
    summary("lower-case brands", BRAND, "danah boyd works at eBay and moved to HubSpot in 2024."),
    summary("a name in title case", BRAND, "Danah Boyd is chief of staff; has an iPhone."),
    summary("a time without minutes", BRAND, "Can be called after 5 p.m., but not on Mon."),
    summary("a company with a digit", STARTUP, "Raj Patel is CTO of 3M and plans a Q3 launch."),
    summary("technical words", STARTUP, "Runs AWS, Node.js 18, a B2B portal and ISO 9001."),
    summary("round the clock", STARTUP, "Asks for 24/7 support for 1,500,000 users."),
    summary("a range", STARTUP, "Needs 10 to 20 seats, growing 12.5% a year; renews 31 Jan 2027."),
    summary("a third quarter", STARTUP, "Launches in the third quarter."),
    summary("a Dutch name", TALL, "Jan de Vries owns De Vries B.V. and has 2 shops."),
    summary("May", TALL, "May be met in May, on a Monday between 9 and 11 am."),
    summary("a short date", BRAND, "Her contract ends on 30 June."),
    summary("half in digits", STARTUP, "Half of them are in the EU."),
    summary("a short German month", BEETHOVEN, "Shown on 3 Dec at 15:00."),
    summary("nouns in front", STARTUP, "Growth of 12.5 percent. Renewal: 31 January."),
    summary("half", TALL, "Half of the stock is old."),
    summary("bullets", TALL, "- Owns two shops\n- Wants a meeting\n• Prefers Monday"),
    action("today", ADA, "Call Ada Lovelace today about the API."),
    action("next week", TALL, "Email Jan next week, or tomorrow if possible."),
    action("due days", ADA, "Send the quote within 3 days.", due=3),
    action("due weeks", ADA, "Call back in two weeks.", due=14),
    action("due hours", ADA, "Reply within 48 hours.", due=2),
    action("urgent", ADA, "URGENT: call Ada before Thursday."),
    action("a quotation", ADA, "Ask Ada: “Who decides?” (Babbage may know.)"),
    action("I and CRM", ADA, "Update the CRM once I'm told by Ada that it's OK."),
    reason("tomorrow", ADA, "Waiting until tomorrow or next month would lose momentum."),
    reason("a working day", ADA, "A reply within 1 working day keeps her warm.", due=1),
    claim("the subject", ADA, "Ada Lovelace is VP of Sales.", "job_title"),
    claim("an activity", ADA, "Charles Babbage asked for a 15% discount in November.", CALL),
    claim("two of them", ADA, "Asked about two pilots after the Expo in London.", MAIL, VISIT),
    claim("the history", ADA, "Became contacted on 21 November 2026.", "history"),
]  # fmt: skip
