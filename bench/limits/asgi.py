"""What the bare handlers share: the key compared, the body read, an answer sent."""

from hmac import compare_digest

from entrypoints.http.asgi import Receive, Scope, Send
from tests.processes import KEY

_KEY = KEY.encode()


def knows_key(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            return compare_digest(value, _KEY)
    return False


async def body_of(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
