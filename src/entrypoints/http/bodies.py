"""What a body holds, before anyone has checked it."""

from collections.abc import Mapping
from typing import cast

from domain.errors import FieldProblem, InvalidLead


def members(data: object) -> Mapping[str, object]:
    """The body's members, unchecked: the domain names every broken rule at once."""
    if not isinstance(data, Mapping):
        raise InvalidLead([FieldProblem("", "type", "the body must be a JSON object")])
    return cast("Mapping[str, object]", data)
