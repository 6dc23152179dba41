"""Reading JSON from a stranger's server: bounded in time and bytes, and kept out of our network."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from datetime import timedelta

import httpx
import msgspec
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from domain.errors import LeadSourceFailed

ATTEMPTS = 3
ATTEMPT_SECONDS = 10.0
MAX_BYTES = 10_000_000
MAX_WAIT_SECONDS = 10.0

_backoff = wait_random_exponential(multiplier=0.2, max=2)


class _Passing(LeadSourceFailed):
    """A failure that may be gone at the next attempt."""

    def __init__(self, type: str, detail: str, retry_after: float = 0) -> None:
        super().__init__(type, detail)
        self.retry_after = retry_after


class JsonReader:
    """Gets JSON documents; LeadSourceFailed, typed, for whatever goes wrong.

    Unless `allow_private`, only addresses of the public internet are connected to: the name
    is resolved here, and the connection is made to an address that was checked.
    """

    def __init__(self, *, allow_private: bool, max_bytes: int = MAX_BYTES) -> None:
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._client: httpx.AsyncClient | None = None

    async def read(self, url: str, params: Mapping[str, str], deadline: float) -> object:
        """The decoded document, by `deadline` on the event loop's clock, retries included."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            async with asyncio.timeout_at(deadline):
                body: bytes = await retrying(
                    self._attempt, httpx.URL(url).copy_merge_params(params)
                )
        except TimeoutError:
            raise LeadSourceFailed("timeout", "the source did not answer in time") from None
        try:
            document: object = msgspec.json.decode(body)
        except (ValueError, RecursionError):
            raise LeadSourceFailed("malformed", "the source's answer is not JSON") from None
        return document

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _attempt(self, url: httpx.URL) -> bytes:
        target = await self._checked(url)
        request = self._opened().build_request(
            "GET",
            target,
            headers={"host": url.netloc.decode("ascii"), "accept-encoding": "identity"},
            # the certificate is checked against the name, whatever address it has
            extensions={"sni_hostname": url.host} if url.scheme == "https" else {},
        )
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                response = await self._opened().send(request, stream=True)
                try:
                    return await self._body(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise _Passing("timeout", "the source did not answer in time") from None
        except httpx.TransportError as error:
            raise _Passing("unavailable", f"no connection: {type(error).__name__}") from None

    async def _body(self, response: httpx.Response) -> bytes:
        _check_status(response)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise LeadSourceFailed("malformed", "the source compressed what was to be plain")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise LeadSourceFailed("too_large", f"more than {self._max_bytes} bytes")
        return bytes(body)

    async def _checked(self, url: httpx.URL) -> httpx.URL:
        """The URL with the address to connect to in place of the name."""
        if self._allow_private:
            return url
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        except OSError:
            raise _Passing("unavailable", "the source's name cannot be resolved") from None
        addresses = [str(item[4][0]) for item in found]
        if not all(ipaddress.ip_address(address).is_global for address in addresses):
            raise LeadSourceFailed(
                "refused", "the source has a private address; CRM_SOURCE_ALLOW_PRIVATE allows it"
            )
        return url.copy_with(host=addresses[0])

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            # neither proxies nor credentials of the surroundings
            self._client = httpx.AsyncClient(timeout=ATTEMPT_SECONDS, trust_env=False)
        return self._client


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in {408, 429} or status >= 500:
        header = response.headers.get("retry-after", "")
        wait = float(header) if header.isdigit() else 0.0
        raise _Passing("unavailable", f"the source answered {status}", wait)
    if not 200 <= status < 300:
        raise LeadSourceFailed("refused", f"the source answered {status}")


def _wait(state: RetryCallState) -> float:
    """Full jitter, and no sooner than the source asked, within reason."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, _Passing) else 0.0
    return min(asked, MAX_WAIT_SECONDS) + _backoff(state)


def deadline_in(duration: timedelta) -> float:
    """A moment on the running event loop's clock."""
    return asyncio.get_running_loop().time() + duration.total_seconds()
