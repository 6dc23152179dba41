"""A JSON API with pages, and each of the ways in which such an API leads from one to the next."""

import json
from typing import Any, Self

from tests.fakes.http_server import HttpServer, Reply, Request

TOKEN = "Bearer token-for-tests"


def a_contact(number: int) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "full_name": f"Ada{number} Lovelace",
        "contact": {"email": f"ada{number}@example.com", "phones": [f"+44 20 {number:07d}", "9"]},
    }


class FakeJsonApi:
    """Hands out `contacts`, `size` at a time, to whoever sends the token."""

    def __init__(self, contacts: list[Any], style: str = "none", size: int = 4) -> None:
        self.contacts, self.style, self.size = contacts, style, size
        self.reply: Reply | None = None
        """Given in place of a page."""
        self.elsewhere: str | None = None
        """Named as the next page in place of the true one."""
        self.server = HttpServer(self._handle)

    @property
    def url(self) -> str:
        return f"{self.server.url}/contacts"

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != TOKEN:
            return Reply(status=401)
        if self.reply is not None:
            return self.reply
        size = len(self.contacts) if self.style == "none" else self.size
        start = self._start(request)
        following = str(start + size) if start + size < len(self.contacts) else None
        body = {"data": self.contacts[start : start + size], "paging": {"next": following}}
        headers = {}
        if self.style == "link" and following:
            target = self.elsewhere or f"/contacts?from={following}"
            headers = {"link": f'<{target}>; rel="next"'}
        return Reply(body=json.dumps(body).encode(), headers=headers)

    def _start(self, request: Request) -> int:
        match self.style:
            case "page":
                return (int(request.query["page"]) - 1) * self.size
            case "cursor":
                return int(request.query.get("after", "0"))
            case "link":
                return int(request.query.get("from", "0"))
        return 0
