"""Cursors: a place in a list, opaque to clients and signed so that none can be made up."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec
from itsdangerous import BadData, URLSafeSerializer
from litestar.exceptions import ClientException

from domain.ports import Position


class Row(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def created_at(self) -> datetime: ...


REMEMBERED = 1024
"""Places whose cursors are not written again, as most who list begin at the beginning."""
R = TypeVar("R", bound=Row)
V = TypeVar("V")


class Cursors:
    """Reads and writes the cursors of one deployment; the key is derived from the secret."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="smart-crm.cursor.1")
        key = self._signer.make_signer(self._signer.salt).derive_key()
        self._unsigned = hmac.new(key, digestmod="sha1")
        self._written = lru_cache(REMEMBERED)(self._write)

    def read(
        self,
        cursor: str | None,
        of_list: str,
        key: Callable[[str], datetime | str] = datetime.fromisoformat,
    ) -> Position | None:
        """Where this list goes on; a cursor that is forged, or another list's, is a 400."""
        if cursor is None:
            return None
        try:
            name, last, row_id = self._signer.loads(cursor)
        except (BadData, ValueError, TypeError):
            raise ClientException("cursor: not a cursor of this list") from None
        if name != of_list:
            raise ClientException(
                "cursor: it belongs to another list, or to this one by another filter or sort"
            )
        return Position(key(last), UUID(row_id))

    def cut(
        self, rows: Sequence[R], limit: int, of_list: str, view: Callable[[R], V]
    ) -> tuple[list[V], str | None]:
        """A page out of up to `limit + 1` rows, and the cursor to the next page."""
        return [view(row) for row in rows[:limit]], self.following(rows, limit, of_list)

    def following(
        self,
        rows: Sequence[R],
        limit: int,
        of_list: str,
        key: Callable[[R], datetime | str] = attrgetter("created_at"),
    ) -> str | None:
        """The cursor to the next page, if there are more than `limit` rows.

        `key` is what they are sorted by.
        """
        if len(rows) <= limit:
            return None
        last = rows[limit - 1]
        return self.at(Position(key(last), last.id), of_list)

    def at(self, last: Position, of_list: str) -> str:
        """The cursor to what comes after this place."""
        return self._written(of_list, last.key, last.id)

    def _write(self, of_list: str, key: datetime | str, row_id: UUID) -> str:
        """As the signer does, but for its look whether compression makes it shorter."""
        told = msgspec.json.encode([of_list, str(key), str(row_id)])
        payload = _in_base64(told)
        signature = self._unsigned.copy()
        signature.update(payload)
        return (payload + b"." + _in_base64(signature.digest())).decode()


def _in_base64(text: bytes) -> bytes:
    return urlsafe_b64encode(text).rstrip(b"=")
