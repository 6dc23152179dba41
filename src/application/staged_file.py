"""Files in pieces: staged chunk by chunk as they come in, and read back like files on a disk."""

import asyncio
import io
from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING

from application.ports import UnitsOfWork
from domain.sync import SyncRunId
from domain.upload import CHUNK

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


async def chunks_of(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in chunks of CHUNK bytes; the last one may be shorter."""
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        while len(rest) >= CHUNK:
            yield bytes(rest[:CHUNK])
            del rest[:CHUNK]
    if rest:
        yield bytes(rest)


class StagedFile(io.RawIOBase):
    """A staged file, for a thread that reads it; `loop` is where its chunks are fetched.

    One chunk is held at a time. Made in the loop; DatabaseUnavailable at any read.
    """

    def __init__(self, unit_of_work: UnitsOfWork, run_id: SyncRunId) -> None:
        self._unit_of_work = unit_of_work
        self._run_id = run_id
        self._loop = asyncio.get_running_loop()
        self._position = 0
        self._held: tuple[int, bytes] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """From the start only, or to where it is: nobody knows how long the file is."""
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence != io.SEEK_SET:
            raise io.UnsupportedOperation("the end is not known")
        self._position = offset
        return offset

    def readinto(self, buffer: "WriteableBuffer") -> int:
        number, start = divmod(self._position, CHUNK)
        target = memoryview(buffer).cast("B")
        piece = self._chunk(number)[start : start + len(target)]
        target[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._held is None or self._held[0] != number:
            fetching = asyncio.run_coroutine_threadsafe(self._fetched(number), self._loop)
            self._held = number, fetching.result()
        return self._held[1]

    async def _fetched(self, number: int) -> bytes:
        async with self._unit_of_work(reads_only=True) as work:
            return await work.staged.chunk(self._run_id, number)
