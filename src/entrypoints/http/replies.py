"""What is answered in front of the router."""

from typing import TypeAlias

from entrypoints.http.asgi import Send

Headers: TypeAlias = dict[bytes, bytes]
"""Of a request; the last of those that came more than once."""
Reply: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers (a list of its own, as more are added) and body."""


async def send_reply(send: Send, reply: Reply) -> None:
    status, headers, body = reply
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
