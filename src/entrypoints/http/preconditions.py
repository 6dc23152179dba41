"""Conditional requests (RFC 9110, section 13): a lead's version is its entity tag."""

import re
from collections.abc import Collection, Sequence
from typing import Annotated, TypeAlias

from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, HTTPException
from litestar.params import HeaderParameter

from entrypoints.http.parameters import AnyRequest

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# empty members of a list are to be overlooked (RFC 9110, section 5.6.1)
_TAGS = rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*"
_SCHEMA = {"pattern": rf"^(?:\*|{_TAGS})$", "minLength": 1}

IfMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="if-match",
        format="entity-tags",
        schema_extra=_SCHEMA,
        description="The `etag` of the lead that the change is meant for; 412 if it has moved on",
    ),
]
IfNoneMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="if-none-match",
        format="entity-tags",
        schema_extra=_SCHEMA,
        description="The `etag` of what you have; 304 if so",
    ),
]
KnownVersions: TypeAlias = NamedDependency[Collection[int] | None]
"""The versions that a change may meet, by If-Match; None for any."""
SeenTags: TypeAlias = NamedDependency[Collection[str]]
"""The entity tags that the client has, by If-None-Match."""

_LIST = re.compile(_TAGS)
_VERSION = re.compile(r'"([1-9][0-9]{0,18})"')


def etag(version: int) -> str:
    return f'"{version}"'


async def known_versions(
    request: AnyRequest,
    state: State,
    if_match: IfMatch = None,  # noqa: ARG001 - for the document; it may come in several lines
) -> Collection[int] | None:
    """What If-Match names, where weak tags match nothing; None for any version.

    428 if it is missing, and the settings require it.
    """
    tags = _tags(request.headers.getall("if-match", []), "if-match")
    if tags is None and state.require_if_match:
        detail = "Send the `etag` of the lead that you have read as If-Match, or `*` for any."
        raise HTTPException(detail, status_code=428)
    if tags is None or tags == ["*"]:
        return None
    return {int(found[1]) for tag in tags if (found := _VERSION.fullmatch(tag))}


async def seen_tags(
    request: AnyRequest,
    if_none_match: IfNoneMatch = None,  # noqa: ARG001 - as above
) -> Collection[str]:
    """What If-None-Match names, weak or not."""
    return tags_seen(request.headers.getall("if-none-match", []))


def tags_seen(lines: Sequence[str]) -> Collection[str]:
    """What these lines of If-None-Match name; a 400 if they name nothing."""
    return {tag.removeprefix("W/") for tag in _tags(lines, "if-none-match") or []}


def is_seen(version: int, tags: Collection[str]) -> bool:
    return etag(version) in tags or "*" in tags


def _tags(lines: Sequence[str], header: str) -> list[str] | None:
    """The entity tags of all lines of this header, or its `*`; None if it was not sent."""
    if not lines:
        return None
    value = ", ".join(lines).strip()
    if value == "*":
        return ["*"]
    if _LIST.fullmatch(value) is None:
        raise ClientException(f'{header}: give `*`, or entity tags such as "3"')
    return re.findall(_TAG, value)
