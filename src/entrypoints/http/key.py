"""The key that opens all but health and docs."""

from collections.abc import Iterable
from hmac import compare_digest

from entrypoints.http.asgi import Scope
from entrypoints.http.replies import Headers

OPEN_PATHS = ("/health/", "/docs", "/openapi.json", "/problems")


class Key:
    """`id` is the public part of a key of ours; the bootstrap key may have any form."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        parts = key.split("_", 2)
        is_ours = len(parts) == 3 and parts[0] == "crm" and parts[1] != ""
        self.id = parts[1] if is_ours else "bootstrap"

    def opens(self, scope: Scope, headers: Headers) -> bool:
        """Whether this request may pass: it names the key once, or needs none."""
        given = headers.get(b"x-api-key")
        if given is not None and compare_digest(given, self._key):
            fields = scope["headers"]
            return len(fields) == len(headers) or _times(fields) == 1
        return bool(scope["path"].startswith(OPEN_PATHS))


def _times(fields: Iterable[tuple[bytes, bytes]]) -> int:
    return [name for name, _ in fields].count(b"x-api-key")
