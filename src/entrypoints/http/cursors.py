"""Cursors: a place in a list, opaque to clients and signed so that none can be made up."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from litestar.exceptions import ClientException

from domain.ports import Position


class Row(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def created_at(self) -> datetime: ...


R = TypeVar("R", bound=Row)
V = TypeVar("V")


def _created_at(row: Row) -> datetime:
    return row.created_at


class Cursors:
    """Reads and writes the cursors of one deployment; the key is derived from the secret."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="smart-crm.cursor.1")

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
        self,
        rows: Sequence[R],
        limit: int,
        of_list: str,
        view: Callable[[R], V],
        key: Callable[[R], datetime | str] = _created_at,
    ) -> tuple[list[V], str | None]:
        """A page out of up to `limit + 1` rows, and the cursor to the next page.

        `key` is what the rows are sorted by.
        """
        page = rows[:limit]
        if len(rows) <= limit:
            return [view(row) for row in page], None
        last = Position(key(page[-1]), page[-1].id)
        return [view(row) for row in page], self.at(last, of_list)

    def at(self, last: Position, of_list: str) -> str:
        """The cursor to what comes after this place."""
        return str(self._signer.dumps([of_list, str(last.key), str(last.id)]))
