"""What is answered in front of the router."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from entrypoints.http.asgi import Send

Headers: TypeAlias = dict[bytes, bytes]
"""Of a request; the last of those that came more than once."""
Reply: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers (a list of its own, as more are added) and body."""

_encoder = msgspec.json.Encoder()


def encoded_reply(
    status: int,
    content: object,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Reply:
    """With these headers, and those of its body."""
    body = _encoder.encode(content)
    fields = [(name.encode(), value.encode()) for name, value in headers.items()] if headers else []
    fields += (b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))
    return status, fields, body


async def send_reply(send: Send, reply: Reply) -> None:
    status, headers, body = reply
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
