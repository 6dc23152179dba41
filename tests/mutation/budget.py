"""The opposites of what is promised of the AI's budget and rate."""

from tests.mutation.fault import (
    ADAPTERS,
    APPLICATION,
    DOMAIN,
    MEMORY_DATABASE,
    SQL,
    SQL_DATABASE,
    Fault,
)

SPENDING = "tests/unit/test_spending.py"
BUDGET = "tests/unit/domain/test_budget.py"
RATES = "tests/unit/adapters/test_rate_limits.py"
REDIS_RATE = "tests/integration/adapters/test_redis_rate_limit.py"

FAULTS = [
    Fault(
        "budget: what is reserved is not counted, in SQL",
        f"{SQL}/ai_budget.py",
        "taken = _DAY.micros + _DAY.reserved_micros + micros",
        "taken = _DAY.micros + micros",
        (SQL_DATABASE, "-k", "fifty"),
    ),
    Fault(
        "budget: what is reserved is not counted, in memory",
        f"{DOMAIN}/budget.py",
        "taken = self.micros + self.reserved_micros + micros",
        "taken = self.micros + micros",
        (MEMORY_DATABASE, "-k", "reserved_counts"),
    ),
    Fault(
        "budget: the cap of calls is looked at before it is taken",
        f"{SQL}/ai_budget.py",
        "        if await rows_of(self._connection, _reserving(), values):\n",
        "        if (await self.usage(day)).calls + len(reservations) > values['most_calls']:\n"
        "            return False\n"
        "        values['most_calls'] = MANY\n"
        "        if await rows_of(self._connection, _reserving(), values):\n",
        (SQL_DATABASE, "-k", "TestPostgres and fifty"),
    ),
    Fault(
        "budget: a settled call stays reserved",
        f"{SQL}/ai_budget.py",
        "micros=_DAY.micros + spent, reserved_micros=_DAY.reserved_micros - reserved",
        "micros=_DAY.micros + spent",
        (SQL_DATABASE, "-k", "really_cost"),
    ),
    Fault(
        "budget: what nobody tells is free",
        f"{DOMAIN}/budget.py",
        "most = NOTHING if failure in REFUSED_UNPAID else worst",
        "most = NOTHING",
        (SPENDING, "-k", "nobody_tells"),
    ),
    Fault(
        "budget: costs are rounded down",
        f"{DOMAIN}/budget.py",
        "return -(-parts // TOKENS_PER_PRICE)",
        "return parts // TOKENS_PER_PRICE",
        (BUDGET, "-k", "rounded"),
    ),
    Fault(
        "budget: a day that is used up burns the attempt",
        f"{APPLICATION}/spending.py",
        "burns_attempt=False",
        "burns_attempt=True",
        (SPENDING, "-k", "used_up"),
    ),
    Fault(
        "budget: a call waits for as long as it takes",
        f"{APPLICATION}/spending.py",
        "PATIENCE = timedelta(seconds=10)",
        "PATIENCE = timedelta(hours=1)",
        (SPENDING, "-k", "too_long"),
    ),
    Fault(
        "budget: what is reserved seems to be left",
        f"{APPLICATION}/read_ai_usage.py",
        "taken = self.usage.micros + self.usage.reserved_micros",
        "taken = self.usage.micros",
        ("tests/unit/http/test_ai.py", "-k", "by_model"),
    ),
    Fault(
        "budget: a daily cost needs no price",
        "src/entrypoints/settings.py",
        "and model not in settings.prices",
        "and not settings.prices",
        ("tests/unit/test_settings.py", "-k", "needs_the_price"),
    ),
    Fault(
        "rate: a call counts from its beginning only",
        f"{ADAPTERS}/rate_limits/redis.py",
        "string.format('%.0f', now + lasts + window), ARGV[1])",
        "string.format('%.0f', now + window), ARGV[1])",
        (REDIS_RATE, "-k", "beyond_a_window"),
    ),
    Fault(
        "rate: a place is free as soon as its call has ended",
        f"{ADAPTERS}/rate_limits/redis.py",
        "string.format('%.0f', now + window), ARGV[1])\n",
        "string.format('%.0f', now), ARGV[1])\n",
        (REDIS_RATE, "-k", "TestRedisRateLimit and any_window"),
    ),
    Fault(
        "rate: the dead keep their places",
        f"{ADAPTERS}/rate_limits/memory.py",
        "now + self._lasts + self._window",
        'float("inf")',
        (RATES, "-k", "dead"),
    ),
    Fault(
        "rate: a Redis that is away allows everything",
        f"{ADAPTERS}/rate_limits/redis.py",
        "            return PAUSE",
        "            return None",
        (REDIS_RATE, "-k", "not_there"),
    ),
    Fault(
        "rate: each worker has a rate of its own",
        f"{ADAPTERS}/rate_limits/redis.py",
        'f"crm:rate:ai:{rate.calls}:{window}"',
        'f"crm:rate:ai:{rate.calls}:{window}:{id(self)}"',
        (REDIS_RATE, "-k", "share"),
    ),
    Fault(
        "rate: nobody is told of a call's end",
        f"{APPLICATION}/ask_summarizer.py",
        "            await self.throttle.end(call)",
        "            pass",
        ("tests/unit/test_ask_summarizer.py", "-k", "has_ended"),
    ),
]
