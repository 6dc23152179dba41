"""Reading JSON from a stranger's server: bounded in time and bytes, and kept out of our network."""

import asyncio
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
)
from tenacity.wait import wait_random_exponential

from adapters.lead_sources._addresses import public_addresses
from adapters.lead_sources._kept_answers import Answer, KeptAnswers
from domain.errors import LeadSourceFailed

ATTEMPTS = 3
ATTEMPT_SECONDS = 10.0
CONNECT_SECONDS = 3.0
NOT_MODIFIED = 304
MAX_BYTES = 10_000_000
"""Of one document, as it unfolds from whatever it was packed in."""

_backoff = wait_random_exponential(multiplier=0.2, max=2)


class _Passing(LeadSourceFailed):
    """A failure that may be gone at the next attempt, `retry_after` seconds from now."""

    def __init__(self, type: str, detail: str, retry_after: float = 0) -> None:
        super().__init__(type, detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Page:
    """`following` is the absolute URL of the next one, if the source told."""

    document: object
    following: str | None


class JsonReader:
    """Gets JSON documents; LeadSourceFailed, typed, for whatever goes wrong.

    Unless `allow_private`, only addresses of the public internet are connected to: the name
    is resolved here, and the connection is made to an address that was checked. What a server
    calls unchanged (304) is read from memory.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        max_bytes: int = MAX_BYTES,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` are sent with each request; they may hold secrets."""
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._headers = headers or {}
        self._kept = KeptAnswers()
        self._client: httpx.AsyncClient | None = None

    async def read(self, url: str, params: Mapping[str, str], seconds: float) -> object:
        """The decoded document, within so many seconds, retries included."""
        return (await self.page(url, params, seconds)).document

    async def page(self, url: str, params: Mapping[str, str], seconds: float) -> Page:
        """The decoded document, and where its Link header says that it goes on."""
        retrying = AsyncRetrying(
            # a server that asks for more patience than there is has had its last attempt
            stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(seconds),
            wait=_wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            target = httpx.URL(url).copy_merge_params(params)
            async with asyncio.timeout(seconds):
                answer: Answer = await retrying(self._attempt, target)
        except httpx.InvalidURL:
            raise LeadSourceFailed("unavailable", "the source's URL cannot be used") from None
        except TimeoutError:
            raise LeadSourceFailed("timeout", "the source did not answer in time") from None
        try:
            # in a thread it would hold up everybody else as long, as the decoder keeps the lock
            return Page(msgspec.json.decode(answer.body), answer.following)
        except (ValueError, RecursionError):
            raise LeadSourceFailed("malformed", "the source's answer is not JSON") from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _attempt(self, url: httpx.URL) -> Answer:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                response = await self._answer(url)
                try:
                    return await self._read(response, url)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise _Passing("timeout", "the source did not answer in time") from None
        except (OSError, UnicodeError):
            raise _Passing("unavailable", "the source's name cannot be resolved") from None
        except httpx.TransportError as error:
            raise _Passing("unavailable", f"no connection: {type(error).__name__}") from None

    async def _read(self, response: httpx.Response, url: httpx.URL) -> Answer:
        kept = self._kept.of(str(url))
        if kept is not None and response.status_code == NOT_MODIFIED:
            return kept
        body, etag = await self._body(response), response.headers.get("etag", "")
        answer = Answer(body, _following(response, url), etag)
        self._kept.keep(str(url), answer)
        return answer

    async def _answer(self, url: httpx.URL) -> httpx.Response:
        """From the first address that takes the connection."""
        if self._allow_private:
            return await self._send(url, url)
        *others, last = await public_addresses(url.host, url.port)
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._send(url, url.copy_with(host=address))
        return await self._send(url, url.copy_with(host=last))

    async def _send(self, url: httpx.URL, target: httpx.URL) -> httpx.Response:
        """Ask for `url` at the place that `target` names."""
        if self._client is None:
            # neither proxies nor credentials of the surroundings
            timeout = httpx.Timeout(ATTEMPT_SECONDS, connect=CONNECT_SECONDS)
            self._client = httpx.AsyncClient(timeout=timeout, trust_env=False)
        kept = self._kept.of(str(url))
        request = self._client.build_request(
            "GET",
            target,
            headers={
                **self._headers,
                "host": url.netloc.decode("ascii"),
                "accept": "application/json",
                "accept-encoding": "gzip",
                **({"if-none-match": kept.etag} if kept else {}),
            },
            # the certificate is checked against the name, whatever address it has
            extensions={"sni_hostname": url.host} if url.scheme == "https" else {},
        )
        return await self._client.send(request, stream=True)

    async def _body(self, response: httpx.Response) -> bytes:
        """Unpacked no further than the cap, so that a bomb does not go off.

        What comes in is capped as well: what follows the end of a packed answer unfolds to nothing.
        """
        _check_status(response)
        _check_type(response)
        unpacking = _unpacking(response)
        body, received = bytearray(), 0
        async for chunk in response.aiter_raw():
            room = self._max_bytes + 1 - len(body)
            try:
                body += unpacking.decompress(chunk, room) if unpacking else chunk
            except zlib.error:
                raise LeadSourceFailed("malformed", "the source's answer is broken") from None
            received += len(chunk)
            if max(received, len(body)) > self._max_bytes:
                raise LeadSourceFailed("too_large", f"more than {self._max_bytes} bytes")
        return bytes(body)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in {408, 429} or status >= 500:
        wait = _seconds_asked(response.headers.get("retry-after", ""))
        raise _Passing("unavailable", f"the source answered {status}", wait)
    if not 200 <= status < 300:
        raise LeadSourceFailed("refused", f"the source answered {status}")


def _check_type(response: httpx.Response) -> None:
    """Plain text and no type at all are let pass, as careless servers send their JSON so."""
    told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if told and told != "text/plain" and "json" not in told:
        raise LeadSourceFailed("malformed", "the source answered with something other than JSON")


def _following(response: httpx.Response, asked: httpx.URL) -> str | None:
    """Only where the same server goes on: elsewhere our headers, or requests, may not be meant."""
    told = response.links.get("next", {}).get("url")
    if told is None:
        return None
    try:
        url = asked.join(told)
    except httpx.InvalidURL:
        raise LeadSourceFailed("malformed", "the source's next page has no URL") from None
    if (url.scheme, url.host, url.port) != (asked.scheme, asked.host, asked.port):
        raise LeadSourceFailed("refused", "the source's next page is on another server")
    return str(url)


def _unpacking(response: httpx.Response) -> "zlib._Decompress | None":
    match response.headers.get("content-encoding", "").lower():
        case "" | "identity":
            return None
        case "gzip":
            return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    raise LeadSourceFailed("malformed", "the source packed its answer as nobody asked for")


def _seconds_asked(retry_after: str) -> float:
    """A Retry-After header holds seconds or an HTTP date; 0 if it is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return 0.0
    left = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
    return max(0.0, left.total_seconds())


def _wait(state: RetryCallState) -> float:
    """Full jitter, and no sooner than the source asked."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, _Passing) else 0.0
    return asked + _backoff(state)
