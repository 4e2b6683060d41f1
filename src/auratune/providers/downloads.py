"""Fetching songs from addresses that a vendor names: checked, pinned, bounded in size and patience."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx2

from auratune.core.errors import ProviderBusy, ProviderError, ProviderInvalidResponse
from auratune.providers import ssrf_guard
from auratune.providers.http import tls

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from auratune.core.context import StageContext
    from auratune.providers.ssrf_guard import Resolve
    from auratune.providers.vendor import Vendor

MOST_BYTES = 30 * 1024 * 1024
MOST_REDIRECTS = 3
STALL_SECONDS = 60.0
MOST_SECONDS = 300.0
"""For a whole file: a film waits for it."""
_REDIRECTS = {301, 302, 303, 307, 308}
_PROGRESS_BYTES = 4096
"""Fewer than this within the stall time is no progress: a drip must not hold a task for ever."""
_HEAD_BYTES = 12
_BLOCK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Downloads:
    """Fetches sound for one vendor."""

    vendor: Vendor
    allow_loopback: bool = False
    """Admits http on this machine; only true when the vendor itself is a simulator there."""
    stall_seconds: float = STALL_SECONDS
    most_bytes: int = MOST_BYTES
    most_seconds: float = MOST_SECONDS
    resolve: Resolve = field(default=ssrf_guard.resolve)

    def save(self, context: StageContext, url: str, path: Path) -> int:
        """Fetch a whole sound file to `path`; return its size in bytes.

        Raises `ProviderInvalidResponse` (`unsafe_address`, `song_not_audio`, `song_too_large`) or `ProviderBusy`
        when the
        connection fails, stalls or ends before the whole file is there.
        """
        with path.open("wb") as target, closing(self.read(context, url)) as pieces:
            return sum(target.write(piece) for piece in pieces)

    def read(self, context: StageContext, url: str, offset: int = 0) -> Generator[bytes]:
        """The bytes of a sound file from `offset` on, as they come. Raises as `save` does."""
        for _ in range(MOST_REDIRECTS + 1):
            target = ssrf_guard.check(
                url, vendor=self.vendor.name, allow_loopback=self.allow_loopback, resolve=self.resolve
            )
            headers = {"Host": target.host_header, "Accept-Encoding": "identity", "User-Agent": "AuraTune"}
            if offset:
                headers["Range"] = f"bytes={offset}-"
            try:
                # A new client each time: a pooled connection would be found by address, whatever name it was made for.
                with (
                    self._client() as client,
                    client.stream(
                        "GET", target.pinned_url, headers=headers, extensions={"sni_hostname": target.host}
                    ) as answer,
                ):
                    if answer.status_code not in _REDIRECTS:
                        yield from self._pieces(context, answer, offset)
                        return
                    location = answer.headers.get("location", "")
            except httpx2.RequestError:
                raise self._broke() from None
            try:
                url = urljoin(target.url, location)
            except ValueError:
                raise self._senseless("sent us to what is no address", "song_not_found") from None
        raise self._senseless("sent us from address to address", "song_not_found")

    def _client(self) -> httpx2.Client:
        timeout = httpx2.Timeout(self.stall_seconds, connect=10.0)
        return httpx2.Client(trust_env=False, verify=tls(), timeout=timeout, follow_redirects=False)

    def _pieces(self, context: StageContext, answer: httpx2.Response, offset: int) -> Iterator[bytes]:
        if answer.status_code == 416:
            return
        self._check_head(answer)
        position = offset if answer.status_code == 206 else 0
        progress = _Progress(position, self.stall_seconds, self.most_seconds)
        for piece in _with_whole_head(answer.iter_raw()):
            if position == 0 and not looks_like_sound(piece):
                raise self._senseless("sent something that is not sound", "song_not_audio")
            position += len(piece)
            if position > self.most_bytes:
                raise self._senseless("sent a song that is too large", "song_too_large")
            context.report(None)
            if progress.has_stalled(position):
                raise self._broke()
            if position > offset:
                yield piece[max(0, len(piece) - (position - offset)) :]
        if position == 0:
            raise self._senseless("sent an empty song", "song_not_audio")

    def _check_head(self, answer: httpx2.Response) -> None:
        if answer.status_code not in {200, 206}:
            raise self._missing(answer.status_code)
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise self._senseless("packed the song in a way that was not asked for", "song_not_audio")

    def _missing(self, status: int) -> ProviderError:
        return ProviderBusy(
            f"The song of {self.vendor.title} cannot be had just now (status {status}); try again later.",
            provider=self.vendor.name,
            code="provider_download_failed",
        )

    def _broke(self) -> ProviderBusy:
        return ProviderBusy(
            f"The song of {self.vendor.title} stopped coming before it was whole; try again later.",
            provider=self.vendor.name,
            code="provider_download_failed",
        )

    def _senseless(self, what: str, code: str) -> ProviderInvalidResponse:
        return ProviderInvalidResponse(f"{self.vendor.title} {what}.", provider=self.vendor.name, code=code)


class _Progress:
    """Tells a slow stream from one that drips."""

    def __init__(self, position: int, stall_seconds: float, most_seconds: float) -> None:
        self._mark, self._marked_at = position, time.monotonic()
        self._ends = self._marked_at + most_seconds
        self._stall_seconds = stall_seconds

    def has_stalled(self, position: int) -> bool:
        now = time.monotonic()
        if position - self._mark >= _PROGRESS_BYTES:
            self._mark, self._marked_at = position, now
        return now - self._marked_at > self._stall_seconds or now > self._ends


def in_blocks(pieces: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """The same bytes in pieces that end at multiples of 4096 bytes, counted from the beginning of the file.

    Who stops reading after a piece then stops at the same place each time, however the network cut the stream.
    """
    waiting = b""
    for piece in pieces:
        waiting += piece
        while len(waiting) >= (room := _BLOCK_BYTES - offset % _BLOCK_BYTES):
            yield waiting[:room]
            waiting, offset = waiting[room:], offset + room
    if waiting:
        yield waiting


def _with_whole_head(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, but the first piece is long enough to tell what it is."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD_BYTES:
            break
    if head:
        yield head
    yield from pieces


def looks_like_sound(start: bytes) -> bool:
    """Whether bytes begin like MP3, WAV, Ogg, FLAC, MP4 or AAC; decoding will tell what they really hold."""
    if start.startswith((b"ID3", b"OggS", b"fLaC")) or start[4:8] == b"ftyp":
        return True
    if start.startswith(b"RIFF") and start[8:12] == b"WAVE":
        return True
    return len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0
