"""Speak HTTP to a model provider: bounded answers, one deadline, every failure typed.

No word that a provider wrote goes into a failure's detail, as it may repeat the lead or the key.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from domain.budget import NOTHING
from domain.errors import FailureType, SummarizerFailed

MAX_BODY = 1_000_000
"""Bytes; an honest answer has a few thousand."""

AS_MANY_AS_CALL = httpx.Limits(max_connections=None, max_keepalive_connections=None)
"""Workers bound their calls: one that waited here for a connection would use up its deadline."""

_MAX_WAIT = timedelta(days=1)


def bounded_client() -> httpx.AsyncClient:
    """Follows no redirect, as that would carry the key elsewhere; the caller sets the deadline."""
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113 - `typed_failures` holds the total deadline
        limits=AS_MANY_AS_CALL,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [_bound]},
    )


def api_key_of(text: str) -> str:
    """The key as it can stand in a header; ValueError if it cannot."""
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("the provider's API key is empty or holds characters that no key has")
    return key


@asynccontextmanager
async def typed_failures(deadline: timedelta) -> AsyncIterator[None]:
    """Turn whatever goes wrong inside, lateness included, into SummarizerFailed.

    The causes are cut off: their texts may repeat what was sent.
    """
    seconds = deadline.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            yield
    except SummarizerFailed:
        raise
    except TimeoutError:
        detail = f"no answer within {seconds:g} s"
        raise SummarizerFailed(FailureType.TIMEOUT, detail) from None
    except _Unbounded as refusal:
        raise SummarizerFailed(FailureType.SCHEMA, str(refusal)) from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise SummarizerFailed(FailureType.INTERNAL, type(error).__name__) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        detail = f"the provider cannot be reached: {type(error).__name__}"
        raise SummarizerFailed(FailureType.UNAVAILABLE, detail, usage=NOTHING) from None
    except httpx.TransportError as error:
        detail = f"the provider cannot be reached: {type(error).__name__}"
        raise SummarizerFailed(FailureType.UNAVAILABLE, detail) from None
    except Exception as error:  # noqa: BLE001 - a defect is a failed attempt, typed like the rest
        raise SummarizerFailed(FailureType.INTERNAL, type(error).__name__) from None


def refused(status: int, retry_after: timedelta | None, type: FailureType | None) -> Exception:
    """The failure that an HTTP status stands for, unless the body told the type better.

    Providers charge nothing for requests that they refuse or break on.
    """
    return SummarizerFailed(
        type or _type_of(status),
        f"the provider answered with HTTP status {status}",
        retry_after=retry_after,
        usage=NOTHING,
    )


def wait_of(seconds: float) -> timedelta | None:
    """A provider's wish in seconds, kept within reason."""
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return timedelta(seconds=min(seconds, _MAX_WAIT.total_seconds()))


def wait_of_header(value: str | None) -> timedelta | None:
    """The wish in a Retry-After header: seconds or an HTTP date; None if it is neither."""
    if not value:
        return None
    try:
        return wait_of(float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    now = datetime.now(UTC)
    seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return wait_of(max(seconds, 0.0))


def _type_of(status: int) -> FailureType:
    match status:
        case 401 | 403:
            return FailureType.CREDENTIALS
        case 402 | 429:
            return FailureType.QUOTA
        case _ if 400 <= status < 500 and status != 408:
            return FailureType.INTERNAL
        case _:
            return FailureType.UNAVAILABLE


class _Unbounded(Exception):
    """An answer whose size is, or might become, out of all proportion."""


class _BoundedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_BODY:
                raise _Unbounded(f"the answer is larger than {MAX_BODY} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _Unbounded("the answer is compressed, though that was not asked for")
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _BoundedStream(response.stream)
