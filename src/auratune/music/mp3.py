"""The frames of an MP3 stream, found as its bytes come in.

Layout of headers and tags: ISO 11172-3 and 13818-3, and the ID3v2 documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from auratune.core.errors import InvalidSong

_KBPS_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_HEADER_BYTES = 4
_ID3_HEADER_BYTES = 10
_ALIKE = 0xFFFE0C00
"""Sync, version, layer and rate: what all frames of a stream share."""
_SURE_AFTER_FRAMES = 3
_MOST_JUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame header tells."""

    bytes: int
    samples: int
    rate: int
    kind: int
    """Bits that all frames of the stream share."""


def read_header(data: bytes | bytearray | memoryview, at: int = 0) -> Frame | None:
    """The frame whose header stands at `at`; None where there is none (free bit rates are not supported)."""
    if len(data) - at < _HEADER_BYTES:
        return None
    word = int.from_bytes(data[at : at + _HEADER_BYTES], "big")
    version, layer = (word >> 19) & 3, (word >> 17) & 3
    kbps_index, rate_index, padding = (word >> 12) & 15, (word >> 10) & 3, (word >> 9) & 1
    if word >> 21 != 0x7FF or version == 1 or layer != 1 or kbps_index in (0, 15) or rate_index == 3:
        return None
    rate = _RATES[version][rate_index]
    kbps = (_KBPS_V1 if version == 3 else _KBPS_V2)[kbps_index]
    samples = 1152 if version == 3 else 576
    return Frame(samples // 8 * kbps * 1000 // rate + padding, samples, rate, word & _ALIKE)


@dataclass(slots=True)
class FrameScanner:
    """Takes bytes as they come and gives back the whole frames among them, without tags and junk.

    Raises `InvalidSong` with code `song_not_mp3` when 64 KiB outside tags hold no three frames in a row.
    """

    seconds: float = 0.0
    """How long the frames found so far sound."""
    frames: int = 0
    _pending: bytearray = field(default_factory=bytearray)
    _tag_bytes_left: int = 0
    _junk_bytes: int = 0
    _kind: int = 0

    def feed(self, chunk: bytes) -> bytes:
        """The complete frames that this chunk completes, as one piece of bytes; empty where it completes none."""
        self._pending += chunk
        whole = bytearray()
        while self._skip_tag() and self._take_frame(whole):
            pass
        return bytes(whole)

    def _skip_tag(self) -> bool:
        """Leave out an ID3v2 tag, however huge, without keeping it; False when more bytes are needed to go on."""
        if not self._tag_bytes_left and self._pending[:3] == b"ID3":
            if len(self._pending) < _ID3_HEADER_BYTES:
                return False
            self._tag_bytes_left = _ID3_HEADER_BYTES + _synchsafe(self._pending[6:10])
            if self._pending[5] & 0x10:
                self._tag_bytes_left += _ID3_HEADER_BYTES
        skipped = min(self._tag_bytes_left, len(self._pending))
        del self._pending[:skipped]
        self._tag_bytes_left -= skipped
        return not self._tag_bytes_left and len(self._pending) >= _ID3_HEADER_BYTES

    def _take_frame(self, whole: bytearray) -> bool:
        """Move the next frame from what is pending to `whole`; False when more bytes are needed to go on."""
        frame = read_header(self._pending)
        if frame is None or (self._kind and frame.kind != self._kind):
            self._skip_junk()
            return True
        if not self._kind:
            sure = self._followed(frame)
            if sure is None:
                return False
            if not sure:
                self._skip_junk()
                return True
            self._kind = frame.kind
        if len(self._pending) < frame.bytes:
            return False
        whole += self._pending[: frame.bytes]
        del self._pending[: frame.bytes]
        self.seconds += frame.samples / frame.rate
        self.frames += 1
        return True

    def _followed(self, frame: Frame) -> bool | None:
        """Whether frames of the same kind follow; None when that cannot be told yet."""
        at = 0
        following: Frame | None = frame
        for _ in range(_SURE_AFTER_FRAMES - 1):
            assert following is not None
            at += following.bytes
            if len(self._pending) < at + _HEADER_BYTES:
                return None
            following = read_header(self._pending, at)
            if following is None or following.kind != frame.kind:
                return False
        return True

    def _skip_junk(self) -> None:
        sync = self._pending.find(b"\xff", 1)
        skipped = sync if sync > 0 else len(self._pending)
        del self._pending[:skipped]
        self._junk_bytes += skipped
        if not self.frames and self._junk_bytes > _MOST_JUNK_BYTES:
            raise InvalidSong("What came as a song is not an MP3.", code="song_not_mp3")


def _synchsafe(four: bytes | bytearray) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))
