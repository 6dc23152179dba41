"""The rules themselves: what to do about a lead, how soon, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.insight import Channel, NextActionType, Priority

PROMPT_VERSION = MODEL = "rules-2"
"""Changes whenever a rule does, so that each summary tells by which rules it was made."""

LOW, MEDIUM, HIGH = Priority.LOW, Priority.MEDIUM, Priority.HIGH


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` lists what must all be there: a status, a signal, a kind of title, a field."""

    when: str
    type: NextActionType | None
    """None is a call or an e-mail, by the channel."""
    priority: Priority
    due_in_days: int | None
    action: str
    """{reach} is `Call …` or `Write to …`, {missing} lists what is not known."""
    reason: str
    """{told} is who says what in quotes, {last} the last contact."""
    channel: Channel | None = None
    """None is that of {reach}, or no channel where nobody is reached."""

    def fits(self, traits: set[str]) -> bool:
        return traits.issuperset(self.when.split())


_DO = NextActionType
RULES = (
    # these end the work on a lead, whatever else is known
    Rule("opt_out", _DO.NONE, LOW, None,
         "No action: {name} does not want to be contacted.",
         "{told}, which asks for no more contact."),
    Rule("unqualified renewed", _DO.FOLLOW_UP, MEDIUM, 2,
         "{reach} to find out whether there is new interest, and set the status anew.",
         "{told}, which is newer than the status unqualified."),
    Rule("unqualified", _DO.NONE, LOW, None,
         "No action: {name} is marked as unqualified.",
         "The status is unqualified and nothing newer speaks against it."),
    Rule("converted complaint", _DO.HAND_OVER, HIGH, 1,
         "Hand {name} over to customer care with the complaint noted.",
         "{told}, which is a complaint of somebody who is a customer already."),
    Rule("converted handed_over", _DO.NONE, LOW, None,
         "No action: {name} is in the hands of customer care.",
         "{told}, and the status is converted."),
    Rule("converted asked", _DO.HAND_OVER, MEDIUM, 2,
         "Hand {name} over to customer care with the request noted.",
         "{told}, and the status is converted."),
    Rule("converted", _DO.HAND_OVER, LOW, 7,
         "Hand {name} over to customer care, as the lead is converted.",
         "The status is converted and no request is open."),
    Rule("died", _DO.RESEARCH, LOW, 14,
         "Find out who takes the place of {name}, without any hurry.",
         "{told}, so somebody else is to be talked to in time."),
    Rule("gone company", _DO.RESEARCH, MEDIUM, 7,
         "Find out who took over from {name} at {company}, as they left.",
         "{told}, so somebody else is to be talked to."),
    Rule("gone", _DO.RESEARCH, MEDIUM, 7,
         "Find out who took over from {name}, as they left.",
         "{told}, so somebody else is to be talked to."),
    Rule("junk", _DO.DISQUALIFY, LOW, 7,
         "Disqualify {name}, as this is no real lead.",
         "{told}, which is not what a real lead looks like."),
    Rule("later not_interested", _DO.FOLLOW_UP, LOW, 90,
         "{reach} to ask whether there is interest by then, as it was put off.",
         "{told}, though there is no interest for now."),
    Rule("not_interested", _DO.DISQUALIFY, LOW, 7,
         "Disqualify {name}, as there is no interest.",
         "{told}, which says that there is no interest."),
    Rule("asked long_ago", _DO.FOLLOW_UP, MEDIUM, 3,
         "{reach} to find out whether what was asked for is still open.",
         "{told}, and there were talks since without a word of it."),
    # what was asked for comes before what we would like
    Rule("complaint", _DO.ANSWER, HIGH, 1,
         "{reach} to settle the complaint before offering anything.",
         "{told}, which is a complaint."),
    Rule("arranged in_person", _DO.MEETING, HIGH, 1,
         "Prepare for the appointment with {name} that is arranged.",
         "{told}, so an appointment stands.", Channel.IN_PERSON),
    Rule("arranged", _DO.MEETING, HIGH, 1,
         "Prepare for the appointment with {name} that is arranged.",
         "{told}, so an appointment stands."),
    Rule("price had_offer", _DO.QUOTE, HIGH, 1,
         "{reach} to answer what they ask about the offer that was sent.",
         "{told}, which is about the price of the offer that was sent."),
    Rule("price", _DO.QUOTE, HIGH, 1,
         "{reach} to answer the price question and agree what a quote must cover.",
         "{told}, which is about the price."),
    Rule("offered", _DO.FOLLOW_UP, HIGH, 3,
         "{reach} to ask what they think of the offer that was sent.",
         "{told}, so an offer is waiting for an answer."),
    Rule("trial", _DO.DEMO, HIGH, 2,
         "{reach} to set up the trial that was asked for.",
         "{told}, which is about a trial."),
    Rule("demo_held", _DO.FOLLOW_UP, HIGH, 2,
         "{reach} to ask what they think of the demo and agree the next step.",
         "{told}, so the demo has been held."),
    Rule("later", _DO.FOLLOW_UP, LOW, 30,
         "{reach} to agree a date for the next talk, as it was put off.",
         "{told}, which puts the next talk off."),
    Rule("demo", _DO.DEMO, HIGH, 2,
         "{reach} to set a date for the demo that was asked for.",
         "{told}, which is about a demo."),
    Rule("meeting", _DO.MEETING, HIGH, 2,
         "{reach} to fix a date for the meeting that was asked for.",
         "{told}, which is about a meeting."),
    Rule("wrong_number", _DO.EMAIL, MEDIUM, 2,
         "Write to {name} for a phone number that works.",
         "{told}, so the phone number is of no use.", Channel.EMAIL),
    Rule("bounced phone", _DO.CALL, MEDIUM, 2,
         "Call {name} for an e-mail address that works.",
         "{told}, so the e-mail address is of no use.", Channel.PHONE),
    Rule("bounced", _DO.RESEARCH, MEDIUM, 5,
         "Find out another way to reach {name}.",
         "{told}, so the e-mail address is of no use."),
    Rule("call_back phone", _DO.CALL, HIGH, 1,
         "Call {name} back, as was asked for.",
         "{told}, which asks for a call.", Channel.PHONE),
    Rule("call_back", _DO.EMAIL, HIGH, 1,
         "Write to {name} for a phone number, as a call was asked for.",
         "{told}, which asks for a call, and no phone number is known.", Channel.EMAIL),
    Rule("question", _DO.ANSWER, MEDIUM, 2,
         "{reach} to answer the question that is open.",
         "{told}, which is a question to us."),
    # nothing was asked for: the next stage
    Rule("settled", _DO.FOLLOW_UP, MEDIUM, 7,
         "{reach} to ask whether all is well now.",
         "{told}, so the complaint is out of the way."),
    Rule("no_answer", _DO.FOLLOW_UP, MEDIUM, 3,
         "{reach} again, as the last try was not answered.",
         "{told}, so there was no talk yet."),
    Rule("qualified last", _DO.FOLLOW_UP, MEDIUM, 3,
         "{reach} to agree the next step towards an offer.",
         "The status is qualified and the last contact was {last}."),
    Rule("qualified", _DO.FOLLOW_UP, MEDIUM, 3,
         "{reach} to agree the next step towards an offer.",
         "The status is qualified and no request is open."),
    Rule("last", _DO.FOLLOW_UP, MEDIUM, 5,
         "{reach} to follow up on {last}.",
         "The last contact was {last} and no request is open."),
    Rule("contacted", _DO.FOLLOW_UP, MEDIUM, 5,
         "{reach} to follow up on the contact that there was.",
         "The status is contacted and nothing is written down of what was said."),
    Rule("text", None, MEDIUM, 5,
         "{reach} to talk about what is written down and find out the need.",
         "{told}, in which the rules see no request."),
    Rule("junior company", None, LOW, 7,
         "{reach} to find out who decides about purchases at {company}.",
         "The job title {title} is hardly that of somebody who decides."),
    Rule("decider company", None, MEDIUM, 3,
         "{reach} to find out what {company} needs and how they decide on it.",
         "The job title {title} is that of somebody who decides, and the need is not known."),
    Rule("company", None, MEDIUM, 5,
         "{reach} to find out what {company} needs and who decides there.",
         "The company is known, and the need is not."),
    Rule("", _DO.RESEARCH, LOW, 14,
         "{reach} to find out {missing}.",
         "The facts that are known do not tell what is needed."),
)  # fmt: skip
"""The first that fits is the next action."""

STATUSES: Mapping[str, str] = {
    "new": "a new lead",
    "contacted": "a contacted lead",
    "qualified": "a qualified lead",
    "unqualified": "an unqualified lead",
    "converted": "a converted lead",
}
