"""A column of JSON that is one of our own types, as text: it goes into arrays like any other."""

from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


def to_json(value: Any) -> str:
    """Unescaped: a database that knows no encoding refuses escapes, not bytes."""
    return msgspec.json.encode(value).decode()


from_json = msgspec.json.decode


class JsonText(TypeDecorator[T], Generic[T]):
    """Values of `type`, or None."""

    impl = Text
    cache_ok = True

    def __init__(self, type: type[T]) -> None:
        super().__init__()
        self.type = type
        self._decoder = msgspec.json.Decoder(type)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> T | None:  # noqa: ARG002
        return None if value is None else self._decoder.decode(value)
