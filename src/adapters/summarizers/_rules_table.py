"""The rules themselves: what to look for in a lead, and what to do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PROMPT_VERSION = MODEL = "rules-1"
"""Changes whenever a rule does, so that each summary tells by which rules it was made."""


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


NEGATED = re.compile(
    r"(?:\b(?:no|not|never|without|declin\w*|cancel\w*|refus\w*)|n['’]t)\s+(?:[\w'-]+\s+){0,3}$"
    r"|\b(?:had|saw|attended|after)\s+(?:the|our|their)\s+$|\bafter\s+$",
    re.IGNORECASE,
)
"""What makes a signal void when it stands right before it in the same sentence."""

SIGNALS: Mapping[str, re.Pattern[str]] = {
    "opt_out": _words(
        r"unsubscribe", r"opt(?:s|ed)? out", r"remove (?:me|us)", r"leave (?:me|us) alone",
        r"no (?:further|more) (?:contact|messages)", r"(?:delete|erase) (?:my|our|all) data",
        r"(?:do not|don['’]t|never|stop) (?:ever |please )?(?:contact|bother|disturb)(?:ing)?",
        r"(?:not|\w{2,6}n['’]t) (?:want|wish) (?:to be |any )?contact(?:ed)?",
    ),
    "gone": _words(
        r"left (?:the |their )?(?:company|firm|job)", r"retired",
        r"no longer (?:works?|working|employed|with|at)",
    ),
    "not_interested": _words(
        r"not (?:\w+ )?interested", r"no (?:\w+ )?interest", r"uninterested", r"no budget",
        r"(?:went with|chose|bought from) (?:a|an|another|the) (?:\w+ )?"
        r"(?:competitor|vendor|supplier|provider)",
    ),
    "complaint": _words(
        r"complain\w*", r"refund",
        r"(?:angry|upset|unhappy|disappointed) (?:with|about|by) (?:us|our|your?)",
    ),
    "demo": _words(
        r"(?:demos?|demonstrations?|walk-?through)(?! (?:was |is )?(?:done|held|given|went|over))",
    ),
    "trial": _words(r"(?:free|test) trial", r"trial (?:account|access|version)", r"pilot project"),
    "meeting": _words(r"meeting", r"appointment", r"(?:to|could|can) meet"),
    "price": _words(
        r"pric(?:e|es|ing)", r"quot(?:e|es|ation)", r"how much", r"costs?", r"proposal", r"offer",
        r"budget", r"discount",
    ),
    "call_back": _words(
        r"call(?:ing)? back", r"call-?backs?", r"(?:call|ring|phone) (?:me|us|him|her|them)",
        r"give (?:me|us|him|her|them) a (?:call|ring)", r"(?:ask\w*|wait\w*) for a call",
        r"wants? (?:a call|to (?:talk|speak))",
    ),
    "later": _words(
        r"next (?:month|quarter|year|spring|summer|autumn|fall|winter)", r"in q[1-4]",
        r"too early", r"not (?:right )?now", r"later (?:this|in)", r"postpone\w*", r"busy until",
        r"after the (?:summer|holidays?|break)", r"on (?:holiday|leave|vacation)",
    ),
    "question": _words(
        r"questions?", r"more (?:information|info|details)", r"brochure", r"documentation",
        r"(?:wants?|would like) to know", r"ask(?:s|ed)? (?:about|whether|if|how)",
        r"(?:wonder|enquir|inquir)\w*",
    ),
    "by_mail": _words(
        r"(?:do not|don['’]t|never|stop) call(?:ing)?", r"no (?:phone )?calls",
        r"prefers? e-?mails?", r"(?:by|via|only) e-?mail", r"e-?mail only",
    ),
}  # fmt: skip
"""What the notes may say."""

TITLES: Mapping[str, re.Pattern[str]] = {
    "junior": _words(
        r"intern", r"trainee", r"apprentice", r"(?:working )?student", r"junior", r"secretary",
        r"assistant(?! (?:director|vice|vp))",
    ),
    "decider": _words(
        r"chief", r"c[efiot]o", r"cmo", r"(?:co-?)?founder", r"owner", r"president", r"vp",
        r"director", r"head", r"managing", r"partner",
    ),
}  # fmt: skip
"""What a job title may say; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` lists what must all be there: a status, a signal, a kind of title, a field."""

    when: str
    action: str
    """{reach} is `Call …` or `Write to …`, {missing} lists what is not known."""

    def fits(self, traits: set[str]) -> bool:
        return traits.issuperset(self.when.split())


RULES = (
    # these end the work on a lead, whatever else is known
    Rule("opt_out", "No action: the notes say that {name} does not want to be contacted."),
    Rule("unqualified", "No action: {name} is marked as unqualified."),
    Rule("converted complaint", "Hand {name} over to customer care with the complaint noted."),
    Rule("converted", "Hand {name} over to customer care, as the lead is converted."),
    Rule("gone company", "Find out who took over from {name} at {company}, as they left."),
    Rule("gone", "Find out who took over from {name}, as they left."),
    Rule("not_interested", "Mark {name} as unqualified, as the notes say there is no interest."),
    # what was asked for comes before what we would like
    Rule("complaint", "{reach} to settle the complaint in the notes before offering anything."),
    Rule("demo", "{reach} to set a date for the demo mentioned in the notes."),
    Rule("trial", "{reach} to set up the trial mentioned in the notes."),
    Rule("meeting", "{reach} to fix a date for the meeting mentioned in the notes."),
    Rule("price", "{reach} to answer the price question and agree what a quote must cover."),
    Rule("later", "{reach} to agree a date for the next talk, as the notes put it off."),
    Rule("call_back phone", "Call {name} back, as the notes ask."),
    Rule("call_back", "Write to {name} for a phone number, as the notes ask for a call."),
    Rule("question", "{reach} to answer the question in the notes."),
    # nothing was asked for: the next stage
    Rule("qualified", "{reach} to agree the next step towards an offer."),
    Rule("contacted", "{reach} to follow up on the first contact."),
    Rule("notes", "{reach} to talk about what the notes say and find out the need."),
    Rule("junior company", "{reach} to find out who decides about purchases at {company}."),
    Rule("decider company", "{reach} to find out what {company} needs and how they decide on it."),
    Rule("company", "{reach} to find out what {company} needs and who decides there."),
    Rule("", "{reach} to find out {missing}."),
)  # fmt: skip
"""The first that fits is the next action."""

STATUSES: Mapping[str, str] = {
    "new": "a new lead",
    "contacted": "a contacted lead",
    "qualified": "a qualified lead",
    "unqualified": "an unqualified lead",
    "converted": "a converted lead",
}
