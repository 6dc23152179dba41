"""What each day's paid calls cost, in SQL: one row a day is the counter of all workers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Column, ColumnElement, Update, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import as_python_sorts, is_postgres
from adapters.databases.sql.inserts import insert_if_free
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import AI_DAYS, AI_USAGE
from domain.budget import DailyCaps, DayUsage, ModelUsage, Reservation, Settlement
from domain.ports import AiBudget

T = TypeVar("T")
Place: TypeAlias = tuple[date, str, str]
"""A day, a provider and a model."""

_DAY, _MODEL = AI_DAYS.c, AI_USAGE.c
_MODEL_USAGE = [column for column in AI_USAGE.columns if column is not _MODEL.day]
_PLACE = ("day", "provider", "model")
MANY, MUCH = 2**31 - 1, 2**63 - 1
"""As many calls, and as many micros, as a day's row can count."""


def _of(day: Any) -> Update:
    return AI_DAYS.update().where(_DAY.day == day)


def _given(column: Column[Any], name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=column.type)


@lru_cache
def _reserving() -> Prepared:
    calls = _DAY.calls + _given(_DAY.calls, "more_calls")
    micros = _given(_DAY.micros, "more_micros")
    taken = _DAY.micros + _DAY.reserved_micros + micros
    # the conditions hold at the very moment of the change, after any wait for the row
    has_room = (
        calls <= _given(_DAY.calls, "most_calls"),
        taken <= _given(_DAY.micros, "most_micros"),
    )
    reserving = _of(_given(_DAY.day, "of_day")).where(*has_room)
    new = {"calls": calls, "reserved_micros": _DAY.reserved_micros + micros}
    return Prepared(reserving.values(new).returning(_DAY.day))


@lru_cache
def _settling() -> Prepared:
    spent = _given(_DAY.micros, "spent")
    reserved = _given(_DAY.micros, "reserved")
    settling = _of(_given(_DAY.day, "of_day")).values(
        micros=_DAY.micros + spent, reserved_micros=_DAY.reserved_micros - reserved
    )
    return Prepared(settling.returning(_DAY.day))


@lru_cache
def _counting(*, postgres: bool) -> Prepared:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _MODEL}
    insert = postgresql.insert if postgres else sqlite.insert
    counting = insert(AI_USAGE).values(given)
    added = {name: _MODEL[name] + counting.excluded[name] for name in given if name not in _PLACE}
    counting = counting.on_conflict_do_update(index_elements=_PLACE, set_=added)
    return Prepared(counting.returning(_MODEL.day))


class SqlAiBudget(AiBudget):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def reserve_all(
        self, reservations: Sequence[Reservation], caps: DailyCaps
    ) -> Sequence[bool]:
        days = {each.day for each in reservations}
        if len(days) == 1 and await self._reserved(reservations, caps):
            return [True] * len(reservations)
        return [await self._reserved([each], caps) for each in reservations]

    async def settle_all(self, settled: Sequence[tuple[Reservation, Settlement]]) -> None:
        # one order for all, so that no two of them wait for each other
        for day, ended in _grouped(settled, lambda each: each[0].day):
            spent = sum(settlement.micros for _, settlement in ended)
            reserved = sum(reservation.micros for reservation, _ in ended)
            values = {"of_day": day, "spent": spent, "reserved": reserved}
            await rows_of(self._connection, _settling(), values)
        for place, ended in _grouped(settled, lambda each: _place(each[0])):
            await self._count(place, [settlement for _, settlement in ended])

    async def release_all(self, reservations: Sequence[Reservation]) -> None:
        for day, released in _grouped(reservations, lambda each: each.day):
            reserved = sum(reservation.micros for reservation in released)
            await self._connection.execute(
                _of(day).values(
                    calls=_DAY.calls - len(released),
                    reserved_micros=_DAY.reserved_micros - reserved,
                )
            )

    async def _reserved(self, reservations: Sequence[Reservation], caps: DailyCaps) -> bool:
        """All of these, of one day, or none of them."""
        day = reservations[0].day
        values = {
            "of_day": day,
            "more_calls": len(reservations),
            "more_micros": sum(reservation.micros for reservation in reservations),
            "most_calls": MANY if caps.calls is None else min(caps.calls, MANY),
            "most_micros": MUCH if caps.micros is None else min(caps.micros, MUCH),
        }
        if await rows_of(self._connection, _reserving(), values):
            return True
        # there is no room, or it is the first call of the day
        none_yet = {"day": day, "calls": 0, "micros": 0, "reserved_micros": 0}
        await self._connection.execute(insert_if_free(self._connection, AI_DAYS).values(none_yet))
        return bool(await rows_of(self._connection, _reserving(), values))

    async def _count(self, place: Place, settlements: Sequence[Settlement]) -> None:
        usages = [settlement.usage for settlement in settlements]
        counts = {
            "calls": len(settlements),
            "failed": sum(settlement.failed for settlement in settlements),
            "input_tokens": sum(usage.input_tokens or 0 for usage in usages),
            "output_tokens": sum(usage.output_tokens or 0 for usage in usages),
            "micros": sum(settlement.micros for settlement in settlements),
        }
        counting = _counting(postgres=is_postgres(self._connection))
        await rows_of(
            self._connection, counting, {**dict(zip(_PLACE, place, strict=True)), **counts}
        )

    async def usage(self, day: date) -> DayUsage:
        counter = select(_DAY.calls, _DAY.micros, _DAY.reserved_micros).where(_DAY.day == day)
        row = (await self._connection.execute(counter)).first()
        if row is None:
            return DayUsage(day=day)
        each = (
            select(*_MODEL_USAGE)
            .where(_MODEL.day == day)
            .order_by(
                as_python_sorts(self._connection, _MODEL.provider),
                as_python_sorts(self._connection, _MODEL.model),
            )
        )
        models = (await self._connection.execute(each)).mappings()
        return DayUsage(
            day=day, **row._asdict(), models=tuple(ModelUsage(**model) for model in models)
        )


def _place(reservation: Reservation) -> Place:
    return reservation.day, reservation.provider, reservation.model


def _grouped(items: Sequence[T], key: Callable[[T], Any]) -> Iterator[tuple[Any, list[T]]]:
    """In the order of their keys."""
    return ((shared, list(group)) for shared, group in groupby(sorted(items, key=key), key))
