"""What the rules look for in texts and job titles."""

import re
from collections.abc import Mapping


def _words(*patterns: str, without_spaces: str = "") -> re.Pattern[str]:
    """`without_spaces` is for scripts that put no spaces between words."""
    words = rf"\b(?:{'|'.join(patterns)})\b"
    return re.compile(f"{words}|{without_spaces}" if without_spaces else words, re.IGNORECASE)


NEGATED = re.compile(
    r"(?:\b(?:no|not|never|without|declin\w*|cancel\w*|refus\w*|kein\w*|nicht|pas|sin)|n['’]t)\s+"
    r"(?:[\w'-]+\s+){0,3}$"
    r"|\b(?:had|saw|attended|after)\s+(?:the|our|their)\s+$|\bafter\s+$"
    r"|\b(?:sent|mailed|submitted|handed|gave|answered)\s+(?:[\w'-]+\s+){0,2}$"
    r"|\b(?:liked|loved|enjoyed|missed)\s+(?:the|our)\s+$",
    re.IGNORECASE,
)
"""What makes a signal void when it stands right before it in the same sentence."""
ALWAYS_SO = frozenset({"later"})
"""Signals that nothing makes void: `not before next year`."""

TO_MACHINES = _words(
    r"(?:ignore|disregard|forget|override) (?:\w+ ){0,3}(?:instructions?|prompts?|rules)",
    r"system (?:prompt|message|override)", r"(?:you are|act as) (?:now )?an? \w+ ?(?:assistant|ai)",
    r"(?:language|ai) model", r"as an ai",
)  # fmt: skip
"""A sentence that speaks to a machine and not to a person says nothing of the lead."""

_HAPPENED = r"(?: (?:was|is|has been|been|were))?"
_SETTLED = rf"{_HAPPENED} (?:settled|resolved|solved|closed|paid)"
_HELD = rf"{_HAPPENED} (?:done|held|given|went|over|impressed|convinced)"
_SENT = rf"{_HAPPENED} (?:sent|mailed|submitted|out)"
_PUT_OFF = (
    r"\b(?:try|again|back|talk|call|contact|revisit|until|before|wait\w*|decid\w*|interest\w*)\b"
    r"[^\n]{0,60}\b"
)

SIGNALS: Mapping[str, re.Pattern[str]] = {
    "opt_out": _words(
        r"unsubscribed?", r"opt(?:s|ed|ing)? out", r"remove (?:me|us)",
        r"leave (?:me|us|her|him|them) alone", r"no (?:further|more) (?:contact|messages|e-?mails)",
        r"(?:delete|erase) (?:my|our|all|her|his|their) data",
        r"(?:do not|don['’]t|never|stop) (?:ever |please )?(?:contact|bother|disturb)(?:ing)?"
        r"(?! (?:\w+ ){0,2}(?:before|until|on|in|by|via|during))",
        r"(?:not|\w{2,6}n['’]t) (?:want|wish) (?:to be |any )?contact(?:ed)?",
        r"nicht mehr (?:kontaktieren|anschreiben|anrufen)", r"keine weiteren? (?:mails|anrufe)",
        r"ne (?:me|nous) contactez plus", r"ne plus (?:me|nous|être) contact\w*",
        r"désinscri\w*", r"no (?:me|nos) contacten?", r"d(?:ar|é)(?:me|nos)? de baja",
        without_spaces="不要再联系|連絡しないで",
    ),
    "opt_in": _words(
        r"opt(?:s|ed)? (?:back )?in", r"(?:fine|happy|glad) to be contacted",
        r"(?:wants?|asks?|asked) to (?:be contacted|hear from us)(?: again)?",
    ),
    "gone": _words(
        r"(?:has |have )?left (?:the |their |her |his )?(?:company|firm|job|organi[sz]ation)",
        r"retired", r"no longer (?:works?|working|employed|with|at)",
        r"hat (?:die firma|das unternehmen) verlassen", r"a quitté (?:la société|l['’]entreprise)",
    ),
    "died": _words(
        r"passed away", r"deceased",
        r"(?:he|she|they|owner|founder|director) (?:has )?died", r"verstorben",
        r"décédée?", r"falleci(?:do|da|ó)",
    ),
    "junk": _words(
        r"(?:looks? like|is|was|only|clearly) (?:a )?spam", r"spam (?:lead|entry)",
        r"test (?:entry|lead|record)", r"(?:fake|made-up) (?:name|lead|data)",
    ),
    "not_interested": _words(
        r"not (?:\w+ )?interested", r"no (?:\w+ )?interest", r"uninterested", r"no budget",
        r"(?:went with|chose|bought from|signed with) (?:a|an|another|the) (?:\w+ )?"
        r"(?:competitor|vendor|supplier|provider)",
        r"kein interesse", r"pas intéressée?s?", r"no (?:está|estamos) interesad[oa]s?",
    ),
    "complaint": _words(
        rf"(?:complain\w*|refund)(?!{_SETTLED})",
        r"(?:angry|upset|unhappy|disappointed|furious) (?:with|about|by|at) (?:us|our|your?|the)",
        r"beschwer\w+", r"réclamation", r"queja",
    ),
    "settled": _words(
        rf"(?:complaint|issue|problem|refund){_SETTLED}",
        r"(?:settled|resolved|solved) (?:the|her|his|their) (?:complaint|issue|problem)",
    ),
    "handed_over": _words(r"hand(?:ed|ing)? over to (?:customer|support|account|the)"),
    "arranged": _words(
        rf"(?:meeting|demo|call|visit|appointment|workshop){_HAPPENED} "
        r"(?:agreed|set|booked|scheduled|fixed|confirmed|arranged|planned)",
        r"(?:agreed|booked|scheduled|confirmed|arranged) (?:a|an|the) "
        r"(?:meeting|demo|call|visit|appointment|workshop)",
        r"accepted the invit\w+",
    ),
    "demo_held": _words(
        rf"demo(?:nstration)?{_HELD}",
        r"(?:saw|liked|loved|enjoyed) (?:the|our) demo(?:nstration)?",
        r"(?:gave|held|did|showed) (?:\w+ )?(?:a|the|our) (?:\w+ )?demo(?:nstration)?",
    ),
    "offered": _words(
        r"(?:sent|mailed|submitted|handed|gave) (?:\w+ ){0,3}?(?:quote|quotation|offer|proposal)",
        rf"(?:quote|quotation|offer|proposal){_SENT}",
    ),
    "demo": _words(
        rf"(?:demos?|demonstrations?|walk-?through)(?!{_HELD})",
        r"vorführung", r"démonstration", r"demostración",
        without_spaces="演示|デモ|시연|демонстраци|عرضًا توضيحيًا",
    ),
    "trial": _words(
        r"(?:free|test) trial", r"trial (?:account|access|version)", r"pilot project",
        r"testzugang", r"essai gratuit", r"prueba gratuita",
    ),
    "meeting": _words(
        r"(?:ask|want|like|propos|suggest|request|need)\w* (?:\w+ ){0,3}(?:meeting|appointment)",
        r"(?:next|another) meeting", r"(?:to|could|can|let us) meet", r"visit us", r"termin",
        r"rendez-vous", r"reunión",
    ),
    "price": _words(
        r"pric(?:e|es|ing)", r"how much", r"costs?", r"budget",
        rf"(?:quot(?:e|es|ation)|proposal|(?:an|another|the|our|your) (?:\w+ )?offer)"
        rf"(?!{_SENT})",
        r"discount", r"your rates", r"preis\w*", r"angebot", r"prix", r"devis",
        r"precios?", r"presupuesto", r"preço", r"orçamento", r"prezzo", r"preventivo",
        without_spaces="报价|价格|見積|価格|цен[уы]|견적|سعر",
    ),
    "call_back": _words(
        r"call(?:ing)? back", r"call-?backs?", r"(?:call|ring|phone) (?:me|us|him|her|them)",
        r"give (?:me|us|him|her|them) a (?:call|ring)", r"(?:ask\w*|wait\w*) for a call",
        r"wants? (?:a call|to (?:talk|speak))", r"rückruf", r"zurückrufen", r"rappele[rz]",
        r"ll[aá]m[ae](?:me|nos)",
    ),
    "later": _words(
        _PUT_OFF + r"next (?:month|quarter|year|spring|summer|autumn|fall|winter)",
        _PUT_OFF + r"in q[1-4]",
        r"too early", r"not (?:right )?now", r"later (?:this|in)", r"postpone\w*", r"busy until",
        r"after the (?:summer|holidays?|break|merger|audit)", r"on (?:holiday|leave|vacation)",
        r"nächstes (?:jahr|quartal)", r"l['’]année prochaine", r"el próximo año",
    ),
    "question": _words(
        r"questions?", r"more (?:information|info|details)", r"brochure", r"documentation",
        r"(?:wants?|would like) to know", r"ask(?:s|ed)? (?:about|whether|if|how)",
        r"(?:wonder|enquir|inquir)\w*", r"fragen?", r"plus d['’]informations", r"más información",
    ),
    "bounced": _words(
        r"bounced", r"undeliverable", r"mailbox (?:is )?full", r"address does not exist",
    ),
    "wrong_number": _words(r"wrong number", r"number (?:is )?(?:not in use|disconnected|dead)"),
    "no_answer": _words(
        r"no (?:answer|reply|response)", r"voice ?mail", r"not reached",
        r"(?:did not|didn['’]t) (?:pick up|answer)", r"nobody (?:picked up|answered)",
        r"unanswered",
    ),
    "by_mail": _words(
        r"(?:do not|don['’]t|never|stop) call(?:ing)?", r"no (?:phone )?calls",
        r"prefers? e-?mails?", r"e-?mail only",
        r"(?:only|rather|please|prefer\w*|contact|reply|answer) (?:\w+ ){0,2}(?:by|via) e-?mail",
        r"not by phone",
        r"nur per mail", r"par (?:e-?mail|courriel) uniquement",
    ),
    "by_phone": _words(r"prefers? (?:the phone|calls|phone)", r"(?:only|rather) by phone"),
    "in_person": _words(
        r"in person", r"on[- ]site", r"(?:at|in) (?:our|their|her|his|the) (?:office|shop|plant)",
        r"visits? us", r"lunch", r"trade fair",
    ),
}  # fmt: skip
"""What a text may say."""

STANDING: Mapping[str, str] = {"opt_out": "opt_in", "by_mail": "by_phone"}
"""What holds, however old, until something newer takes it back."""
MINOR = frozenset({*STANDING, *STANDING.values(), "in_person", "no_answer"})
"""What does not put an older request out of mind."""

TITLES: Mapping[str, re.Pattern[str]] = {
    "junior": _words(
        r"intern", r"trainee", r"apprentice", r"(?:working )?student", r"junior", r"secretary",
        r"assistant(?! (?:director|vice|vp))",
    ),
    "decider": _words(
        r"chief", r"c[efiot]o", r"cmo", r"(?:co-?)?founder", r"owner", r"president", r"vp",
        r"director", r"head", r"managing", r"partner", r"geschäftsführer(?:in)?", r"leiter(?:in)?",
        r"directeur", r"directrice", r"directora?",
    ),
}  # fmt: skip
"""What a job title may say; the first that fits counts."""
