"""Conditional requests (RFC 9110, section 13): a lead's version is its entity tag."""

import re
from collections.abc import Collection, Iterator
from typing import Annotated, TypeAlias

from litestar.exceptions import ClientException
from litestar.params import HeaderParameter

IfMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="if-match",
        description="The `etag` of the lead that the change is meant for; 412 if it has moved on",
    ),
]
IfNoneMatch: TypeAlias = Annotated[
    str | None,
    HeaderParameter(name="if-none-match", description="The `etag` of what you have; 304 if so"),
]
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag(version: int) -> str:
    return f'"{version}"'


def known_versions(if_match: str | None) -> Collection[int] | None:
    """The versions that a change may meet; None for any. Weak tags match none."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = _tags("if-match", if_match)
    return {int(tag) for weak, tag in tags if not weak and tag.isascii() and tag.isdigit()}


def is_known(if_none_match: str | None, version: int) -> bool:
    """Whether the client has this version already."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(tag == str(version) for _, tag in _tags("if-none-match", if_none_match))


def _tags(header: str, value: str) -> Iterator[tuple[bool, str]]:
    for part in value.split(","):
        found = _TAG.fullmatch(part.strip())
        if found is None:
            raise ClientException(f'{header}: give `*`, or entity tags such as "3"')
        yield found[1] is not None, found[2]
