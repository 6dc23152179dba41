"""What a model says of a lead: an honest insight by what is known, and all sorts of bad ones."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, TypeAlias

Known: TypeAlias = Mapping[str, Any]
"""The canonical form of a summary's input: facts, activities and history."""
_WORD = re.compile(r"(?!www\.)[\w@.+'’&-]*\w")
_SHOWN = 80
"""Characters of a field that are repeated at most."""
_MARKS = (
    "amber", "birch", "cedar", "clover", "coral", "fern", "flint", "hazel", "indigo", "ivory",
    "jasper", "linen", "maple", "olive", "pearl", "willow",
)  # fmt: skip


def insight_on(known: Known) -> dict[str, Any]:
    """The same input, the same insight; another input, another; and nothing that it has not.

    The marks tell inputs apart in words that are no name, number or date.
    """
    facts = known["facts"]
    name, status = _quoted(facts, "name", "this lead"), _quoted(facts, "status", "new")
    about = _quoted(facts, "company", "their needs")
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).digest()
    marks = [_MARKS[part % len(_MARKS)] for part in digest[:6]]
    return {
        "summary": f"{name} has the status {status}, marked {' '.join(marks)}.",
        "next_action": f"Write to {name} about {about}.",
        "next_action_type": "email",
        "channel": "email",
        "priority": "medium",
        "due_in_days": 3,
        "reason": f"The status is {status}.",
        "claims": [
            *[_claim(f"The {field} of {name} is known.", field, *facts.keys() & {"name"})
              for field in facts],
            *[_claim(f"There was a {it['type']} on {it['on']}.", it["id"])
              for it in known["activities"][:5]],
        ],
    }  # fmt: skip


LIES: Mapping[str, tuple[str, ...]] = {
    "name": ("Zebulon Quark", "Mallory Vexford", "Ingrid Thorvaldsen"),
    "number": ("4,750", "73%", "$120,000"),
    "date": ("2031-03-14", "14 March 2031", "3/14/2031"),
    "email": ("zeb@quark.example", "vex@mallory.example", "ingrid@fjord.example"),
    "url": ("quark.example", "mallory-vexford.example", "fjord.example"),
}
"""What no lead's data holds, by what it is."""
_SENTENCES: Mapping[str, str] = {
    "name": "They report to {}",
    "number": "They have a need for {} seats",
    "date": "They want to start on {}",
    "email": "They also write from {}",
    "url": "They keep a site at {}",
}
_PLACES = ("summary", "claims", "next_action", "reason")


def lie_on(known: Known, call: int) -> dict[str, Any]:
    """Well-formed, but with one invention of one kind in one place; others at each call."""
    ways = [(place, kind, lie) for place, kind in product(_PLACES, LIES) for lie in LIES[kind]]
    place, kind, lie = ways[call % len(ways)]
    sentence = _SENTENCES[kind].format(lie) + "."
    honest = insight_on(known)
    match place:
        case "claims":
            return {**honest, "claims": [*honest["claims"], _claim(sentence, "name")]}
        case "next_action":
            return {**honest, "next_action": f"Write to them and speak of {lie}."}
        case _:
            return {**honest, place: f"{honest[place]} {sentence}"}


def _but(**members: Any) -> Callable[[Known, int], str]:
    return lambda known, _: json.dumps({**insight_on(known), **members})


def _without(member: str) -> Callable[[Known, int], str]:
    return lambda known, _: json.dumps(
        {name: value for name, value in insight_on(known).items() if name != member}
    )


def _claim(text: str, *evidence: str) -> dict[str, Any]:
    return {"text": text, "evidence": [*dict.fromkeys(evidence)]}


def _quoted(facts: Mapping[str, str], field: str, otherwise: str) -> str:
    """The field's first whole words without markup; a word that is cut would be another one."""
    words = [word for word in facts.get(field, "").split() if _WORD.fullmatch(word)]
    while len(" ".join(words)) > _SHOWN:
        words.pop()
    return " ".join(words) or otherwise


ANSWERS: Mapping[str, Callable[[Known, int], str]] = {
    "untidy": _but(summary="Ada\u0000  is\n\u202enice"),
    "empty": lambda *_: "",
    "not_json": lambda *_: "Here is the summary you asked for: Ada is nice.",
    "fenced": lambda known, _: f"```json\n{json.dumps(insight_on(known))}\n```",
    "wrong_schema": lambda *_: '{"text": "Ada is nice"}',
    "missing_field": _without("reason"),
    "extra_field": _but(mood="fine"),
    "blank": _but(summary=" \u200b "),
    "too_long": _but(summary="Ada " * 251),
    "too_long_action": _but(next_action="Call " * 61),
    "too_long_reason": _but(reason="As " * 101),
    "too_long_claim": _but(claims=[_claim("Ada " * 76, "name")]),
    "two_actions": _but(next_action="Call Ada today. Then write to her."),
    "unknown_enum": _but(channel="fax"),
    "due_too_far": _but(due_in_days=366),
    "due_before": _but(due_in_days=-1),
    "due_in_words": _but(due_in_days="tomorrow"),
    "no_claims": _but(claims=[]),
    "many_claims": _but(claims=[_claim("Ada is nice.", "name")] * 21),
    "no_evidence": _but(claims=[_claim("Ada is nice.")]),
    "much_evidence": _but(claims=[{"text": "Ada is nice.", "evidence": ["name"] * 11}]),
    "odd_evidence": _but(claims=[_claim("Ada is nice.", "name " * 14)]),
    "link": _but(summary="Ada is nice, see https://evil.example/ada"),
    "link_in_claim": _but(claims=[_claim("See [the offer](evil.example).", "name")]),
    "markup": _but(reason="She is <b>nice</b>."),
    "lying": lambda known, call: json.dumps(lie_on(known, call)),
    "false_evidence": _but(claims=[_claim("The status is new.", "shoe_size")]),
}
"""Texts that a model may give where an insight was asked for."""
GOOD_ANSWERS = {"untidy", "lying", "false_evidence"}
"""Those that have the shape of an insight, whatever they say."""
