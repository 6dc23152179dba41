"""Statements that are compiled once: their text and places for the driver, or Core's own way."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

from advanced_alchemy.types import GUID, DateTimeUTC
from sqlalchemy import ARRAY, Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.types import TypeEngine

from adapters.databases.sql.json_text import from_json, to_json

Core: TypeAlias = Select[Any] | Insert | Update | Delete
Convert: TypeAlias = Callable[[Any], Any]

_DIALECT = PGDialect_asyncpg(  # type: ignore[no-untyped-call]
    json_serializer=to_json, json_deserializer=from_json
)
# the driver takes and gives these as they are: UUIDs, and aware times in UTC
_AS_THEY_ARE = (GUID, DateTimeUTC)


class Prepared:
    """A statement whose parameters all have names, written once for both databases.

    `text` and `arguments` are for asyncpg, `core` is for anything else.
    """

    def __init__(self, core: Core) -> None:
        self.core = core

    @cached_property
    def text(self) -> str:
        return str(self._compiled)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The named values in the order of their places."""
        return [
            values[name] if convert is None or values[name] is None else convert(values[name])
            for name, convert in self._places
        ]

    def rows(self, records: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """What the driver gave, as the columns' types have it."""
        if not self._conversions:
            return records
        converted, nothing = self._converted
        # a lead that has no summary has nothing to convert, and most have none
        return [row if converted(row) == nothing else self._row(row) for row in records]

    def _row(self, record: Sequence[Any]) -> Sequence[Any]:
        row = list(record)
        for index, convert in self._conversions:
            if row[index] is not None:
                row[index] = convert(row[index])
        return row

    @cached_property
    def _compiled(self) -> Any:
        return self.core.compile(dialect=_DIALECT)

    @cached_property
    def _places(self) -> Sequence[tuple[str, Convert | None]]:
        binds = self._compiled.binds
        return [(name, _to_driver(binds[name].type)) for name in self._compiled.positiontup]

    @cached_property
    def _conversions(self) -> Sequence[tuple[int, Convert]]:
        if isinstance(self.core, Select):
            columns = list(self.core.selected_columns)
        else:
            columns = list(getattr(self.core, "_returning", ()))
        readers = (_from_driver(column.type) for column in columns)
        return [(index, reader) for index, reader in enumerate(readers) if reader]

    @cached_property
    def _converted(self) -> tuple[Callable[[Sequence[Any]], Any], Any]:
        """Gets what is to be converted of a record, and what it gets where that is all NULL."""
        places = [index for index, _ in self._conversions]
        get = itemgetter(*places)
        return get, get([None] * (places[-1] + 1))


def _to_driver(kind: TypeEngine[Any]) -> Convert | None:
    is_plain = isinstance(kind, ARRAY) and not _to_driver(kind.item_type)
    if is_plain or isinstance(kind, _AS_THEY_ARE):
        return None
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _from_driver(kind: TypeEngine[Any]) -> Convert | None:
    if isinstance(kind, _AS_THEY_ARE):
        return None
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
