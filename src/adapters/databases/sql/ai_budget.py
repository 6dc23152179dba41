"""What each day's paid calls cost, in SQL: one row a day is the counter of all workers."""

from datetime import date

from sqlalchemy import Update, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import as_python_sorts, insert
from adapters.databases.sql.rows import AI_DAYS, AI_USAGE
from domain.budget import DailyCaps, DayUsage, ModelUsage, Reservation, Settlement
from domain.ports import AiBudget

_DAY, _MODEL = AI_DAYS.c, AI_USAGE.c
_MODEL_USAGE = [column for column in AI_USAGE.columns if column is not _MODEL.day]


class SqlAiBudget(AiBudget):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def reserve(self, reservation: Reservation, caps: DailyCaps) -> bool:
        none_yet = {"day": reservation.day, "calls": 0, "micros": 0, "reserved_micros": 0}
        beginning = insert(self._connection, AI_DAYS).values(none_yet)
        await self._connection.execute(beginning.on_conflict_do_nothing())
        # the conditions hold at the very moment of the change, after any wait for the row
        reserving = _of(reservation).values(
            calls=_DAY.calls + 1, reserved_micros=_DAY.reserved_micros + reservation.micros
        )
        if caps.calls is not None:
            reserving = reserving.where(_DAY.calls < caps.calls)
        if caps.micros is not None:
            taken = _DAY.micros + _DAY.reserved_micros + reservation.micros
            reserving = reserving.where(taken <= caps.micros)
        return bool((await self._connection.execute(reserving)).rowcount)

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        await self._connection.execute(
            _of(reservation).values(
                micros=_DAY.micros + settlement.micros,
                reserved_micros=_DAY.reserved_micros - reservation.micros,
            )
        )
        counts = {
            "calls": 1,
            "failed": int(settlement.failed),
            "input_tokens": settlement.usage.input_tokens or 0,
            "output_tokens": settlement.usage.output_tokens or 0,
            "micros": settlement.micros,
        }
        place = {
            "day": reservation.day,
            "provider": reservation.provider,
            "model": reservation.model,
        }
        counting = insert(self._connection, AI_USAGE).values({**place, **counts})
        added = {name: _MODEL[name] + count for name, count in counts.items()}
        await self._connection.execute(
            counting.on_conflict_do_update(index_elements=list(place), set_=added)
        )

    async def release(self, reservation: Reservation) -> None:
        await self._connection.execute(
            _of(reservation).values(
                calls=_DAY.calls - 1, reserved_micros=_DAY.reserved_micros - reservation.micros
            )
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


def _of(reservation: Reservation) -> Update:
    return AI_DAYS.update().where(_DAY.day == reservation.day)
