"""What a request's target and headers must be before anyone reads them: bounded, and UTF-8."""

import re
from urllib.parse import unquote_to_bytes

from entrypoints.http.asgi import Scope

MAX_TARGET = 8 * 1024
MAX_HEADERS = 32 * 1024

# all that is visible but the escapes
_PLAIN = bytes(code for code in range(0x21, 0x7F) if code != ord("%"))
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def fault_of_target(scope: Scope, header_bytes: int) -> tuple[str, str] | None:
    """Slug and detail of the problem with it, or with the headers; None if all may be read."""
    path, query = scope["raw_path"], scope["query_string"]
    if len(path) + len(query) > MAX_TARGET:
        return "target-too-long", f"The path and the query have more than {MAX_TARGET} bytes."
    if header_bytes > MAX_HEADERS:
        return "headers-too-large", f"The headers have more than {MAX_HEADERS} bytes."
    for name, raw in (("path", path), ("query", query)):
        if raw.translate(None, _PLAIN) and (fault := _fault(raw)) is not None:
            return "bad-request", f"The {name} {fault}."
    return None


def _fault(raw: bytes) -> str | None:
    if _BROKEN_ESCAPE.search(raw):
        return "has a % that starts no escape; a plain one is %25"
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return "holds control characters" if _CONTROL.search(text) else None
