"""Frames and sound to MP4: H.264 by x264 and AAC, encoded once and written twice.

The packets go to the film itself, which is put in order for streaming at the end, and, where one is asked for, to a
fragmented copy that can be played while it grows. No second encode, no pass over the finished file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Any

import av
import av.container
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import PictureType

from auratune.film.pixels import Pixels
from auratune.film.rendering.rate_control import x264_options
from auratune.film.rendering.soundtrack import Soundtrack

_BT709 = 1
_LIMITED_RANGE = 1
_KEYFRAME_SECONDS = 4
_SOUND_AHEAD_SECONDS = 0.25
"""Sound is handed over a little before its picture, so that neither waits for the other in a fragment."""
MADE_BY_AI = (
    "Made by AuraTune from one photo. DigitalSourceType: "
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)
"""IPTC's term for a work of captured and generated parts; the picture is a photo, words and music are generated."""
_FRAGMENT_MICROSECONDS = 400_000


@dataclass(frozen=True, slots=True)
class FrameBuffer:
    """A frame to draw on: luma (height, width) and interleaved chroma (half as high and wide, 2), both in `picture`."""

    picture: av.VideoFrame
    y: Pixels
    uv: Pixels


def frame_buffer(width_px: int, height_px: int) -> FrameBuffer:
    """A frame in the encoder's own memory, so that what is drawn on it need not be copied."""
    picture = av.VideoFrame(width_px, height_px, "nv12")
    y, uv = (np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in picture.planes)
    return FrameBuffer(picture, y[:, :width_px], uv[:, :width_px].reshape(height_px // 2, -1, 2)[:, : width_px // 2])


class Encoder:
    """Writes one film. Use it as a context manager; leaving the block well finishes the file."""

    def __init__(
        self,
        path: str,
        *,
        size: tuple[int, int],
        fps: int,
        cuts: frozenset[int],
        sound: Soundtrack,
        title: str,
        preview_path: str = "",
        limited: bool = False,
        threads: int = 2,
    ) -> None:
        """Prepare to write frames of (width, height) to `path`, with keyframes forced at the frames in `cuts`.

        `limited` holds the size down (see `needs_limit`).
        """
        self._cuts = cuts
        self._fps = fps
        self._next = 0
        self._open = ExitStack()
        # bitexact keeps the names and versions of libraries out of the file.
        self._film = self._container(path, {"movflags": "+faststart", "fflags": "+bitexact"}, title)
        self._video = self._film.add_stream("libx264", rate=fps, options=x264_options(fps, limited=limited))
        self._video.width, self._video.height = size
        self._video.pix_fmt = "nv12"
        context = self._video.codec_context
        context.time_base = Fraction(1, fps)
        context.thread_count = threads
        context.gop_size = _KEYFRAME_SECONDS * fps
        context.color_range = _LIMITED_RANGE
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        self._audio = sound.add_to(self._film)
        self._is_sound_ready = sound.is_ready
        self._unwritten: list[tuple[list[Packet[Any]], float]] = []
        self._sound: Iterator[tuple[float, Packet[AudioStream]]] = sound.packets(self._audio)
        self._held: tuple[float, Packet[AudioStream]] | None = None
        self._preview: av.container.OutputContainer | None = None
        if preview_path:
            self._film.start_encoding()
            flags = "+frag_keyframe+delay_moov+default_base_moof"
            self._preview = self._container(
                preview_path,
                {
                    "movflags": flags,
                    "frag_duration": str(_FRAGMENT_MICROSECONDS),
                    "flush_packets": "1",
                    "fflags": "+bitexact",
                },
                title,
            )
            self._preview.add_stream_from_template(self._video, opaque=True)
            self._preview.add_stream_from_template(self._audio, opaque=True)

    def _container(self, path: str, options: dict[str, str], title: str) -> av.container.OutputContainer:
        container = self._open.enter_context(av.open(path, "w", format="mp4", container_options=options))
        container.metadata["title"] = title
        container.metadata["comment"] = MADE_BY_AI
        return container

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._unwritten.append((self._video.encode(None), float("inf")))
            self._write()
        self._open.__exit__(kind, error, trace)

    def add(self, picture: av.VideoFrame) -> None:
        """Encode the next frame. When this returns the frame may be drawn on again: x264 keeps a copy of its own."""
        picture.pts = self._next
        picture.time_base = Fraction(1, self._fps)
        picture.pict_type = PictureType.I if self._next in self._cuts else PictureType.NONE
        self._next += 1
        self._unwritten.append((self._video.encode(picture), self._next / self._fps + _SOUND_AHEAD_SECONDS))
        if self._is_sound_ready():
            self._write()

    def _write(self) -> None:
        """Write pictures and sound by turns. Pictures wait for sound that is still mixed: same order, same file."""
        for packets, until_seconds in self._unwritten:
            self._mux(packets)
            self._hand_over_sound(until_seconds)
        self._unwritten.clear()

    def _hand_over_sound(self, until_seconds: float) -> None:
        while True:
            held = self._held or next(self._sound, None)
            if held is None or held[0] > until_seconds:
                self._held = held
                return
            self._held = None
            self._mux([held[1]])

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._film.mux_one(packet)
            if self._preview:
                self._preview.mux_one(packet)
