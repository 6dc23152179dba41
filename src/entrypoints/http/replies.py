"""What is answered in front of the router."""

from typing import TypeAlias

Headers: TypeAlias = dict[bytes, bytes]
"""Of a request; the last of those that came more than once."""
Reply: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers (a list of its own, as more are added) and body."""
