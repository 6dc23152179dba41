"""What each day's paid calls cost, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from adapters.databases.memory.tables import Tables
from domain.budget import DailyCaps, DayUsage, ModelUsage, Reservation, Settlement
from domain.ports import AiBudget


class MemoryAiBudget(AiBudget):
    def __init__(self, tables: Tables) -> None:
        self._days = tables.ai_days

    async def _reserve(self, reservation: Reservation, caps: DailyCaps) -> bool:
        day = await self.usage(reservation.day)
        if not day.has_room(reservation.micros, caps):
            return False
        reserved = day.reserved_micros + reservation.micros
        self._days[day.day] = replace(day, calls=day.calls + 1, reserved_micros=reserved)
        return True

    async def reserve_all(
        self, reservations: Sequence[Reservation], caps: DailyCaps
    ) -> Sequence[bool]:
        return [await self._reserve(each, caps) for each in reservations]

    async def _settle(self, reservation: Reservation, settlement: Settlement) -> None:
        day = await self.usage(reservation.day)
        models = {(model.provider, model.model): model for model in day.models}
        place = (reservation.provider, reservation.model)
        before = models.get(place) or ModelUsage(provider=place[0], model=place[1])
        models[place] = before.with_call(settlement)
        self._days[day.day] = replace(
            day,
            micros=day.micros + settlement.micros,
            reserved_micros=day.reserved_micros - reservation.micros,
            models=tuple(models[place] for place in sorted(models)),
        )

    async def settle_all(self, settled: Sequence[tuple[Reservation, Settlement]]) -> None:
        for reservation, settlement in settled:
            await self._settle(reservation, settlement)

    async def _release(self, reservation: Reservation) -> None:
        day = await self.usage(reservation.day)
        reserved = day.reserved_micros - reservation.micros
        self._days[day.day] = replace(day, calls=day.calls - 1, reserved_micros=reserved)

    async def release_all(self, reservations: Sequence[Reservation]) -> None:
        for reservation in reservations:
            await self._release(reservation)

    async def usage(self, day: date) -> DayUsage:
        return self._days.get(day) or DayUsage(day=day)
