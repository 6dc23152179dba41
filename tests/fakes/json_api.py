"""A JSON API with pages, and each of the ways in which such an API leads from one to the next."""

import json
from typing import Any, Self
from zlib import crc32

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
        self.etags = False
        """Whether each page has one, by which a page that has not changed is not sent again."""
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
        since = request.query.get("updated_since", "")
        contacts = self._changed_since(since)
        following = str(start + size) if start + size < len(contacts) else None
        body = {"data": contacts[start : start + size], "paging": {"next": following}}
        headers = {}
        if self.style == "link" and following:
            target = self.elsewhere or f"/contacts?from={following}&updated_since={since}"
            headers = {"link": f'<{target}>; rel="next"'}
        page = json.dumps(body).encode()
        if self.etags:
            headers["etag"] = f'"{crc32(page):x}"'
            if request.headers.get("if-none-match") == headers["etag"]:
                return Reply(status=304)
        return Reply(body=page, headers=headers)

    def _changed_since(self, time: str) -> list[Any]:
        """Those that have no time of a change, too."""
        return [each for each in self.contacts if not time or each.get("updated", time) >= time]

    def _start(self, request: Request) -> int:
        match self.style:
            case "page":
                return (int(request.query["page"]) - 1) * self.size
            case "cursor":
                return int(request.query.get("after", "0"))
            case "link":
                return int(request.query.get("from", "0"))
        return 0
