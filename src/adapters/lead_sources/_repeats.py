"""Know a page that comes again: a source that gives one twice could go on for ever."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from domain.errors import LeadSourceFailed


def refuse_repeated(rows: Sequence[object], seen: set[bytes]) -> None:
    """`malformed` if these rows were seen before; pages without rows do not count."""
    if not rows:
        return
    digest = sha256(msgspec.json.encode(rows)).digest()
    if digest in seen:
        raise LeadSourceFailed("malformed", "the source gave the same page twice")
    seen.add(digest)
