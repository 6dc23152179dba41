"""A source that gives the same page again would be read for ever, or its rows twice."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from domain.errors import LeadSourceFailed


def refuse_repeated(rows: Sequence[object], seen: set[bytes]) -> None:
    """Keep the page's hash in `seen`; LeadSourceFailed, `malformed`, if it is there already."""
    digest = sha256(msgspec.json.encode(rows)).digest()
    if digest in seen:
        raise LeadSourceFailed("malformed", "the source gave the same page twice")
    seen.add(digest)
