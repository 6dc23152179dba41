"""How the settings of the JSON source become values."""

import json
import re

from domain.lead_fields import TEXT_RULES

FIELDS = tuple(name for name in (*TEXT_RULES, "status") if name != "source")
_FIELD = re.compile(r"(?:^|,)\s*([a-z_]+)\s*=")


class SecretHeaders(dict[str, str]):
    """Headers that show themselves to nobody by accident."""

    def __repr__(self) -> str:
        return "********"


class FieldPaths(dict[str, str]):
    """Where each field of a lead is in a row; shown as it is set."""

    def __repr__(self) -> str:
        return ",".join(f"{name}={path}" for name, path in self.items())


class NextPage(tuple[str, ...]):
    """How one page leads to the next; shown as it is set."""

    __slots__ = ()

    def __repr__(self) -> str:
        return ":".join(self)


def headers(value: str) -> SecretHeaders:
    try:
        given = json.loads(value)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(map(_is_header, given.items())):
        raise ValueError('a JSON object of headers, such as {"authorization": "Bearer …"}')
    return SecretHeaders(given)


def _is_header(header: tuple[str, object]) -> bool:
    name, text = header
    fits = re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) is not None
    return fits and isinstance(text, str) and text.isascii() and text.isprintable()


def path(value: str) -> str:
    import jsonpath  # noqa: PLC0415 - only who reads a JSON API needs it

    try:
        jsonpath.compile(value)
    except jsonpath.JSONPathError as error:
        detail = str(error).partition("\n")[0]
        raise ValueError(f"a JSONPath such as $.data[*] ({detail})") from None
    return value


def fields(value: str) -> FieldPaths:
    """Of `name=$.full_name,email=$.contact.email`; a path may hold commas."""
    starts = list(_FIELD.finditer(value))
    ends = [match.start() for match in starts[1:]] + [len(value)]
    found = {
        match[1]: path(value[match.end() : end].strip())
        for match, end in zip(starts, ends, strict=True)
    }
    if not {"name", "email"} <= set(found) <= set(FIELDS) or len(found) < len(starts):
        raise ValueError(f"FIELD=JSONPATH, …, with name and email, of {', '.join(FIELDS)}")
    return FieldPaths(found)


def parameter(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.~$:\[\]-]+", value):
        raise ValueError("the name of a query parameter, such as updated_since")
    return value


def following(value: str) -> NextPage:
    """`none`, `link`, (`page`, parameter) or (`cursor`, parameter, path)."""
    kind, *more = value.split(":", 2)
    match kind, more:
        case (("none" | "link"), []):
            return NextPage((kind,))
        case "page", [parameter] if parameter:
            return NextPage((kind, parameter))
        case "cursor", [parameter, found] if parameter:
            return NextPage((kind, parameter, path(found)))
    raise ValueError("none, link, page:PARAMETER or cursor:PARAMETER:JSONPATH")
