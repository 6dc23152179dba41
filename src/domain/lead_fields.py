"""What each field of a lead may hold; one set of rules for the API, the sources and files."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.address import NotAnAddress, address_of
from domain.errors import FieldProblem, InvalidLead


class LeadStatus(StrEnum):
    NEW = "new"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class TextRule:
    """`max_length` counts Unicode code points after trimming."""

    max_length: int
    required: bool = False
    multiline: bool = False


TEXT_RULES: Mapping[str, TextRule] = {
    "name": TextRule(200, required=True),
    "email": TextRule(254, required=True),
    "phone": TextRule(50),
    "company": TextRule(200),
    "job_title": TextRule(200),
    "notes": TextRule(10_000, multiline=True),
    "source": TextRule(50),
    "external_id": TextRule(200),
}
MANUAL_SOURCE = "manual"
BLANKS = 1_000
"""How many characters around a text are trimmed before it is simply too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDetails:
    """The fields of a lead that people and sources may give, checked and normalised."""

    name: str
    email: str
    email_key: str
    phone: str | None = None
    company: str | None = None
    job_title: str | None = None
    notes: str | None = None
    status: LeadStatus = LeadStatus.NEW
    source: str = MANUAL_SOURCE
    external_id: str | None = None

    @classmethod
    def of(cls, fields: Mapping[str, object], required: Collection[str] = ()) -> "LeadDetails":
        """Check fields of any type; InvalidLead names every broken rule, unknown fields too.

        Of what has a default, `required` may not be left out.
        """
        problems: list[FieldProblem] = []
        if not fields.keys() <= _KNOWN:
            problems += [
                FieldProblem(name, "unknown_field", "this field is not known or not yours to set")
                for name in fields
                if name not in _KNOWN
            ]
        texts = dict[str, str]()
        for name, rule in (_rules_with(required) if required else TEXT_RULES).items():
            value = fields.get(name)
            if value is not None or rule.required:
                text = checked_text(name, rule, value, problems)
                if text is not None:
                    texts[name] = text
        status = _status(fields.get("status"), problems, required="status" in required)
        shown, key = _address(texts["email"], problems) if "email" in texts else (None, None)
        if problems or shown is None or key is None:
            raise InvalidLead(problems)
        texts["email"] = shown
        return cls(**texts, email_key=key, status=status)


_KNOWN = frozenset({*TEXT_RULES, "status"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
# the categories Cc, Cs, Zl and Zp, of which Unicode will have no others
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FORBIDDEN_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class GivenDetails:
    """Details that are enough for a new lead, and which of them were named for a known one."""

    details: LeadDetails
    named: frozenset[str]

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> "GivenDetails":
        """As LeadDetails; what a known lead must not lose cannot be null either."""
        required = [name for name in ("source", "status") if name in fields]
        return cls(LeadDetails.of(fields, required), frozenset(fields))


def checked_text(
    name: str, rule: TextRule, value: object, problems: list[FieldProblem]
) -> str | None:
    """The trimmed text; None if there is none, or a problem with it, which is added to the list."""
    if plain := _plain(rule, value):
        return plain
    problem = _problem_with(name, rule, value)
    if problem is not None:
        problems.append(problem)
        return None
    text = _trimmed(value) if isinstance(value, str) else ""
    return text if _is_visible(text) else None


def _plain(rule: TextRule, value: object) -> str | None:
    """The trimmed text that breaks no rule, of what can be seen as a whole; None of the rest."""
    if not isinstance(value, str) or len(value) > rule.max_length + BLANKS:
        return None
    if not value.isprintable():
        return None
    text = value.strip() if value.isascii() else _trimmed(value)
    return text if len(text) <= rule.max_length else None


def _rules_with(required: Collection[str]) -> Mapping[str, TextRule]:
    return {
        name: replace(rule, required=rule.required or name in required)
        for name, rule in TEXT_RULES.items()
    }


def _problem_with(name: str, rule: TextRule, value: object) -> FieldProblem | None:
    if value is None:
        return FieldProblem(name, "required", f"{name} is required") if rule.required else None
    if not isinstance(value, str):
        return FieldProblem(name, "type", f"{name} must be a string")
    # megabytes are refused before anything looks at each character
    if len(value) > rule.max_length + BLANKS or len(_trimmed(value)) > rule.max_length:
        detail = f"{name} is longer than {rule.max_length} characters"
        return FieldProblem(name, "too_long", detail)
    if (_FORBIDDEN_IN_LINES if rule.multiline else _FORBIDDEN).search(value):
        return FieldProblem(name, "characters", f"{name} holds control characters")
    if rule.required and not _is_visible(value):
        return FieldProblem(name, "blank", f"{name} must not be blank")
    return None


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def _is_visible(text: str) -> bool:
    """What no version of Unicode has named yet may well be seen."""
    return any(unicodedata.category(character) not in _UNSEEN for character in text)


def _status(value: object, problems: list[FieldProblem], *, required: bool) -> LeadStatus:
    if value is None and required:
        problems.append(FieldProblem("status", "required", "status is required"))
    if value is None:
        return LeadStatus.NEW
    if isinstance(value, str) and value in set(LeadStatus):
        return LeadStatus(value)
    detail = f"status must be one of: {', '.join(LeadStatus)}"
    problems.append(FieldProblem("status", "choice", detail))
    return LeadStatus.NEW


def _address(text: str, problems: list[FieldProblem]) -> tuple[str, str] | tuple[None, None]:
    try:
        return address_of(text)
    except NotAnAddress as error:
        problems.append(FieldProblem("email", "email", f"email is not an address: {error}"))
        return None, None
