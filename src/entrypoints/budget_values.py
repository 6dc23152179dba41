"""How the text of a rate, an amount of money or a price list becomes a value, and back."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from domain.budget import MICROS_PER_USD, Price, Rate

WINDOWS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


def rate(value: str) -> Rate:
    match = re.fullmatch(rf"([1-9]\d{{0,5}})\s*/\s*({'|'.join(WINDOWS)})", value, re.ASCII)
    if match is None:
        raise ValueError("a rate such as 60/minute or 10/second")
    return Rate(int(match[1]), WINDOWS[match[2]])


def dollars(value: str) -> Decimal:
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6})?", value, re.ASCII):
        raise ValueError("an amount in USD such as 5.00")
    return Decimal(value)


def prices(value: str) -> Mapping[str, Price]:
    """By the model's name, which may hold any character but a comma."""
    found: dict[str, Price] = {}
    try:
        for item in value.split(","):
            model, _, price = item.rpartition("=")
            per_input, _, per_output = price.partition("/")
            found[model.strip()] = Price(micros(dollars(per_input)), micros(dollars(per_output)))
    except ValueError:
        found.clear()
    if "" in found or len(found) < len(value.split(",")):
        raise ValueError(
            "each model's price in USD per million input/output tokens, such as"
            " gemini-3.8-flash=0.30/2.50,gpt-5-mini=0.25/2.00"
        )
    return found


def micros(amount: Decimal) -> int:
    return int(amount * MICROS_PER_USD)


def shown_rate(rate: Rate) -> str:
    return f"{rate.calls}/{next(name for name in WINDOWS if WINDOWS[name] == rate.window)}"


def shown_prices(prices: Mapping[str, Price]) -> str:
    return ",".join(f"{model}={_shown(price)}" for model, price in prices.items())


def _shown(price: Price) -> str:
    each = (price.input_micros_per_million_tokens, price.output_micros_per_million_tokens)
    return "/".join(f"{Decimal(amount) / MICROS_PER_USD:f}" for amount in each)
