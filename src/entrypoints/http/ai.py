"""What the AI did on a day and what it cost, over HTTP."""

import re
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.exceptions import ClientException
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec import Meta

from application.read_ai_usage import DayReport
from domain.budget import MICROS_PER_USD, DailyCaps, ModelUsage
from entrypoints.http.parameters import CrmDependency
from entrypoints.http.problems import problems

Dollars = Annotated[
    str, Meta(pattern=r"^[0-9]+\.[0-9]{6}$", description="USD, to the micro-dollar")
]


class ModelUsageView(msgspec.Struct, frozen=True):
    """One model's calls of the day that came to an end, `failed` among them."""

    provider: str
    model: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_usd: Dollars

    @classmethod
    def of(cls, usage: ModelUsage) -> "ModelUsageView":
        return cls(
            provider=usage.provider,
            model=usage.model,
            calls=usage.calls,
            failed=usage.failed,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=_dollars(usage.micros),
        )


class CapsView(msgspec.Struct, frozen=True):
    """Calls and money; null where nothing is capped."""

    calls: int | None
    cost_usd: Dollars | None

    @classmethod
    def of(cls, caps: DailyCaps) -> "CapsView":
        return cls(caps.calls, None if caps.micros is None else _dollars(caps.micros))


class AiUsageView(msgspec.Struct, frozen=True):
    """What the AI did on a day, over all workers.

    `calls` are all that were begun; those that did not come to an end yet, or whose worker died,
    are under no model, and their worst case is `reserved_usd`. Tokens that a provider did not
    tell are counted at their worst, and so is their cost. Models without a price cost nothing.
    """

    day: date
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_usd: Dollars
    reserved_usd: Dollars
    caps: CapsView
    remaining: CapsView
    resets_at: datetime
    models: list[ModelUsageView]

    @classmethod
    def of(cls, report: DayReport) -> "AiUsageView":
        usage = report.usage
        return cls(
            day=usage.day,
            calls=usage.calls,
            failed=sum(model.failed for model in usage.models),
            input_tokens=sum(model.input_tokens for model in usage.models),
            output_tokens=sum(model.output_tokens for model in usage.models),
            cost_usd=_dollars(usage.micros),
            reserved_usd=_dollars(usage.reserved_micros),
            caps=CapsView.of(report.caps),
            remaining=CapsView.of(report.remaining),
            resets_at=report.resets_at,
            models=[ModelUsageView.of(model) for model in usage.models],
        )


_DAY = QueryParameter(
    description="A day in UTC; today unless told",
    format="date",
    examples=[Example(value="2026-11-25")],
)


@get(
    "/ai/usage",
    operation_id="getAiUsage",
    summary="Read what the AI did on a day",
    opt={"parameters": ("day",)},
    responses=problems(),
)
async def get_ai_usage(crm: CrmDependency, day: Annotated[str | None, _DAY] = None) -> AiUsageView:
    """Calls, tokens and cost by model, and what is left of the day's caps, over all workers."""
    return AiUsageView.of(await crm.read_ai_usage(None if day is None else _day(day)))


def _day(given: str) -> date:
    """Python knows more spellings of a day than RFC 3339; the last one of all has no end."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = date.max
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII) or day == date.max:
        raise ClientException("day must be a date like 2026-11-25")
    return day


def _dollars(micros: int) -> str:
    whole, rest = divmod(micros, MICROS_PER_USD)
    return f"{whole}.{rest:06d}"


ai_router = Router("/", route_handlers=[get_ai_usage], tags=["ai"])
