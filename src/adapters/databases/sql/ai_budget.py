"""What each day's paid calls cost, in SQL: one row a day is the counter of all workers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Update, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import as_python_sorts
from adapters.databases.sql.inserts import insert, insert_if_free
from adapters.databases.sql.rows import AI_DAYS, AI_USAGE
from domain.budget import DailyCaps, DayUsage, ModelUsage, Reservation, Settlement
from domain.ports import AiBudget

T = TypeVar("T")
Place: TypeAlias = tuple[date, str, str]
"""A day, a provider and a model."""

_DAY, _MODEL = AI_DAYS.c, AI_USAGE.c
_MODEL_USAGE = [column for column in AI_USAGE.columns if column is not _MODEL.day]


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
            await self._connection.execute(
                _of(day).values(
                    micros=_DAY.micros + spent, reserved_micros=_DAY.reserved_micros - reserved
                )
            )
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
        day, calls = reservations[0].day, len(reservations)
        micros = sum(reservation.micros for reservation in reservations)
        none_yet = {"day": day, "calls": 0, "micros": 0, "reserved_micros": 0}
        await self._connection.execute(insert_if_free(self._connection, AI_DAYS).values(none_yet))
        # the conditions hold at the very moment of the change, after any wait for the row
        reserving = _of(day).values(
            calls=_DAY.calls + calls, reserved_micros=_DAY.reserved_micros + micros
        )
        if caps.calls is not None:
            reserving = reserving.where(_DAY.calls + calls <= caps.calls)
        if caps.micros is not None:
            taken = _DAY.micros + _DAY.reserved_micros + micros
            reserving = reserving.where(taken <= caps.micros)
        return bool((await self._connection.execute(reserving)).rowcount)

    async def _count(self, place: Place, settlements: Sequence[Settlement]) -> None:
        usages = [settlement.usage for settlement in settlements]
        counts = {
            "calls": len(settlements),
            "failed": sum(settlement.failed for settlement in settlements),
            "input_tokens": sum(usage.input_tokens or 0 for usage in usages),
            "output_tokens": sum(usage.output_tokens or 0 for usage in usages),
            "micros": sum(settlement.micros for settlement in settlements),
        }
        names = ("day", "provider", "model")
        counting = insert(self._connection, AI_USAGE).values(
            {**dict(zip(names, place, strict=True)), **counts}
        )
        added = {name: _MODEL[name] + count for name, count in counts.items()}
        await self._connection.execute(
            counting.on_conflict_do_update(index_elements=names, set_=added)
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


def _of(day: date) -> Update:
    return AI_DAYS.update().where(_DAY.day == day)


def _place(reservation: Reservation) -> Place:
    return reservation.day, reservation.provider, reservation.model


def _grouped(items: Sequence[T], key: Callable[[T], Any]) -> Iterator[tuple[Any, list[T]]]:
    """In the order of their keys."""
    return ((shared, list(group)) for shared, group in groupby(sorted(items, key=key), key))
