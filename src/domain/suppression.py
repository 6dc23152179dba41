"""Under what a source could offer a deleted lead again."""

from collections.abc import Sequence

from domain.lead import Lead


def marks_of(lead: Lead) -> Sequence[str]:
    """Its e-mail key, and its origin if it has one: either may have changed, here or there.

    No field holds the NUL between the parts.
    """
    origin = [f"origin\0{lead.source}\0{lead.external_id}"] if lead.origin else []
    return [f"email\0{lead.email_key}", *origin]
