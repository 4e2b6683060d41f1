"""Looks at a finished film as a player and a viewer would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

THUMB = (96, 96)


@dataclass(frozen=True)
class Probe:
    """Facts of an MP4, and one small grey picture per frame."""

    width_px: int
    height_px: int
    fps: float
    frame_count: int
    video_seconds: float
    audio_seconds: float
    audio_start_seconds: float
    video_codec: str
    audio_codec: str
    pixel_format: str
    colour_space: int
    colour_range: int
    boxes: tuple[str, ...]
    tags: dict[str, str]
    thumbs: NDArray[np.float32]


def probe(path: Path) -> Probe:
    """Decode the whole film."""
    thumbs: list[NDArray[np.float32]] = []
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        fps = float(video.average_rate or 0)
        context = video.codec_context
        for frame in container.decode(video):
            grey = frame.to_ndarray(format="gray")
            thumbs.append(cv2.resize(grey, THUMB, interpolation=cv2.INTER_AREA).astype(np.float32))
        facts = {
            "width_px": context.width,
            "height_px": context.height,
            "video_codec": context.name,
            "audio_codec": audio.codec_context.name,
            "pixel_format": str(context.pix_fmt),
            "colour_space": int(context.colorspace),
            "colour_range": int(context.color_range),
            "video_seconds": float((video.duration or 0) * video.time_base),
            "tags": dict(container.metadata),
        }
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        samples, first = 0, None
        for frame in container.decode(stream):
            first = float(frame.time or 0.0) if first is None else first
            samples += frame.samples
        rate = stream.codec_context.sample_rate
    return Probe(
        fps=fps,
        frame_count=len(thumbs),
        audio_seconds=samples / rate,
        audio_start_seconds=first or 0.0,
        boxes=top_boxes(path),
        thumbs=np.stack(thumbs),
        **facts,
    )


def top_boxes(path: Path) -> tuple[str, ...]:
    """Names of the file's top-level boxes in order; `moov` before `mdat` means that it plays while it loads."""
    names = []
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, name = int.from_bytes(head[:4], "big"), head[4:].decode("latin-1")
            names.append(name)
            if size == 1:
                size = int.from_bytes(file.read(8), "big") - 8
            file.seek(size - 8, 1)
    return tuple(names)


def longest_black_seconds(film: Probe, skip_seconds: float) -> float:
    """The longest stretch of near-black frames, leaving out the fades at both ends."""
    skip = round(skip_seconds * film.fps)
    dark = film.thumbs[skip : film.frame_count - skip].mean(axis=(1, 2)) < 20.0
    return _longest_run(dark) / film.fps


def longest_frozen_seconds(film: Probe, skip_seconds: float) -> float:
    """The longest stretch in which no frame differs from the one 5 frames before by more than coding noise."""
    skip = round(skip_seconds * film.fps)
    inner = film.thumbs[skip : film.frame_count - skip]
    change = np.abs(inner[5:] - inner[:-5]).mean(axis=(1, 2))
    return _longest_run(change < 0.10) / film.fps


def _longest_run(flags: NDArray[np.bool_]) -> int:
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest
