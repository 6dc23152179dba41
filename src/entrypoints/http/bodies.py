"""What a body holds, before anyone has checked it."""

from collections.abc import Mapping
from typing import cast

from domain.errors import FieldProblem, InvalidFields, InvalidLead


def members(data: object, refusal: type[InvalidFields] = InvalidLead) -> Mapping[str, object]:
    """The body's members, unchecked: the domain names every broken rule at once.

    `refusal` if the body is no object.
    """
    if not isinstance(data, Mapping):
        raise refusal([FieldProblem("", "type", "the body must be a JSON object")])
    return cast("Mapping[str, object]", data)
