"""The opening of a song while its maker is still sending it.

A vendor streams a song as it is generated. A film needs half a minute of it, so reading stops as soon as that much
can be decoded. The bytes come through a function of the caller's, so this works for any transport.
"""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from auratune.core.errors import InvalidSong
from auratune.music.mp3 import FrameScanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_BYTES = 30 * 1024 * 1024
MOST_SECONDS = 240.0
_MARGIN_SECONDS = 0.1
"""A decoder holds back its first frame and needs one more for the last."""
_OVERLAP_BYTES = 512
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 8.0
_BROKEN = (OSError, EOFError, http.client.HTTPException)  # IncompleteRead is an HTTPException and not an OSError


@dataclass(frozen=True, slots=True)
class Opening:
    """What was read of a song."""

    seconds: float
    """How long the frames in the file sound."""
    bytes_read: int
    """All bytes received, tags and repeats included."""
    ended: bool
    """The stream was read to its end: there is no more than this."""
    reconnects: int


def read_opening(
    open_at: Callable[[int], Iterator[bytes]],
    path: str,
    *,
    seconds: float,
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
    reconnects: int = 5,
    broken: tuple[type[Exception], ...] = (),
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Opening:
    """Read an MP3 stream until `seconds` of it can be decoded, and write its frames to `path`, without tags.

    `open_at(offset)` gives the bytes from an offset on (a server that starts again from 0 is noticed and put up with);
    an error of the kinds in `broken`, or of the operating system, counts as a dropped connection, and reading goes on
    where it stopped. A stream that ends is asked once more whether there is new sound. What is written decodes to
    the same samples as the beginning of the whole file.

    Raises `InvalidSong` with code `song_not_mp3` (also for nothing at all), `song_too_big` past `most_bytes`,
    `song_too_slow` past `most_seconds`, `song_broke_off` when the stream cannot be had after so many reconnects, or
    `song_changed` when a reconnected stream is another one.
    """
    with Path(path).open("wb") as target:
        reader = _Reader(open_at, target, seconds + _MARGIN_SECONDS, most_bytes, clock, clock() + most_seconds)
        ended = _until_enough(reader, reconnects, (*_BROKEN, *broken), wait)
    if not reader.scanner.frames:
        raise InvalidSong("What came as a song is not an MP3.", code="song_not_mp3")
    return Opening(reader.scanner.seconds, reader.received, ended, reader.connections - 1)


def _until_enough(
    reader: _Reader, reconnects: int, broken: tuple[type[Exception], ...], wait: Callable[[float], None]
) -> bool:
    """Read on, across dropped connections; True when the stream came to its end first."""
    ends = failures = 0
    while not reader.enough:
        known = reader.position
        try:
            reader.read_on()
            ends = ends + 1 if reader.position == known else int(not reader.enough)
            if ends > 1:
                return True
        except broken as error:
            failures = 1 if reader.position > known else failures + 1
            if failures > reconnects:
                raise InvalidSong(
                    "The song broke off and could not be read on; it may be had later.",
                    code="song_broke_off",
                    retryable=True,
                ) from error
        if not reader.enough:
            wait(min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2**failures))
    return False


@dataclass(slots=True)
class _Reader:
    """One song on its way in."""

    open_at: Callable[[int], Iterator[bytes]]
    target: BinaryIO
    seconds: float
    most_bytes: int
    clock: Callable[[], float]
    deadline: float
    scanner: FrameScanner
    head: bytes
    tail: bytes
    position: int
    received: int
    connections: int

    def __init__(
        self,
        open_at: Callable[[int], Iterator[bytes]],
        target: BinaryIO,
        seconds: float,
        most_bytes: int,
        clock: Callable[[], float],
        deadline: float,
    ) -> None:
        self.open_at, self.target, self.seconds = open_at, target, seconds
        self.most_bytes, self.clock, self.deadline = most_bytes, clock, deadline
        self.scanner = FrameScanner()
        self.head = self.tail = b""
        self.position = self.received = self.connections = 0

    @property
    def enough(self) -> bool:
        return self.scanner.seconds >= self.seconds

    def read_on(self) -> None:
        """One connection, to its end or until there is enough."""
        self.connections += 1
        chunks = self.open_at(self.position - len(self.tail))
        try:
            for chunk in self._new(chunks):
                self._keep(chunk)
                if self.enough:
                    return
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()

    def _new(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks without what is known already.

        A connection after the first begins with bytes that we have, so that a stream that is another one, or starts
        from 0 whatever it is asked for, does not end up in the middle of a song.
        """
        known = self.tail
        begun = b""
        for chunk in self._bounded(chunks):
            if not known:
                yield chunk
                continue
            begun += chunk
            if len(begun) < len(known):
                continue
            skip = self._known_bytes(begun)
            if len(begun) > skip:
                known = b""
                yield begun[skip:]
            elif len(begun) > _OVERLAP_BYTES * 4:
                # Starting again from 0: let what we have pass by without keeping it.
                yield from self._after(skip - len(begun), chunks)
                return

    def _known_bytes(self, begun: bytes) -> int:
        if begun.startswith(self.tail):
            return len(self.tail)
        if begun.startswith(self.head[: len(begun)]) or begun[: len(self.head)] == self.head:
            return self.position
        raise InvalidSong("The song changed while it was being read; try again.", code="song_changed", retryable=True)

    def _after(self, count: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in self._bounded(chunks):
            if count >= len(chunk):
                count -= len(chunk)
                continue
            yield chunk[count:]
            count = 0

    def _bounded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.received += len(chunk)
            if self.received > self.most_bytes:
                raise InvalidSong("The song is larger than it may be.", code="song_too_big")
            if self.clock() > self.deadline:
                raise InvalidSong(
                    "The song came too slowly; it may be had later.", code="song_too_slow", retryable=True
                )
            yield chunk

    def _keep(self, chunk: bytes) -> None:
        self.position += len(chunk)
        self.head = (self.head + chunk)[:_OVERLAP_BYTES] if len(self.head) < _OVERLAP_BYTES else self.head
        self.tail = (self.tail + chunk)[-_OVERLAP_BYTES:]
        self.target.write(self.scanner.feed(chunk))
