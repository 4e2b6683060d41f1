"""What the stages of a small film left behind: a scene, beats and a storyboard."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.geometry import Box
from auratune.core.scene import DetailMap, Light, Mood, Scene, Subject, Swatch
from auratune.core.storyboard import Framing, Move, Shot, Storyboard, TypeCue

SCENE = Scene(
    width_px=320,
    height_px=240,
    subjects=(Subject("region", Box(0.2, 0.2, 0.5, 0.6), 0.8),),
    palette=(Swatch(200, 120, 60, 0.6), Swatch(60, 80, 120, 0.3), Swatch(240, 230, 190, 0.1)),
    light=Light(brightness=0.5, contrast=0.4, warmth=0.3, colourfulness=0.5, edge_energy=0.2, sharpness=0.9),
    mood=Mood(0.4, -0.4),
    detail=DetailMap(1, 1, (0.5,), (0.5,)),
    caption="Hills under a warm sky.",
    seen_by="embedded",
)
BEATS = BeatGrid(
    tempo_bpm=120,
    beats=tuple(index * 0.5 for index in range(12)),
    downbeats=(0.0, 2.0, 4.0),
    sections=(SongSection("verse", 0.0, 4.0, 0.5), SongSection("chorus", 4.0, 6.0, 0.9)),
    energy=(0.5,) * 12,
    length_seconds=6.0,
)
_LINES = ("The hills keep the light", "Stay a while")
_CAPTIONS = tuple(
    TypeCue(role="lyric", text=text, first_frame=number * 60, end_frame=number * 60 + 60, box=Box(0.1, 0.8, 0.9, 0.9))
    for number, text in enumerate(_LINES)
)
STORYBOARD = Storyboard(
    width_px=180,
    height_px=240,
    fps=30,
    frame_count=180,
    seed=1,
    title="Low Sun",
    look="golden",
    shots=(
        Shot(
            first_frame=0,
            end_frame=90,
            subject="wide",
            move=Move("push", Framing(0.5, 0.5, 0.9), Framing(0.5, 0.5, 0.7)),
        ),
        Shot(
            first_frame=90,
            end_frame=180,
            subject="region",
            move=Move("pan", Framing(0.3, 0.4, 0.4), Framing(0.7, 0.4, 0.4)),
        ),
    ),
    cues=(),
    captions=_CAPTIONS,
    effects=(),
    beats=BEATS,
)
RESULTS: dict[str, Any] = {"scene": SCENE, "beats": BEATS, "storyboard": STORYBOARD}


def tiny_film(seconds: float = 6.0) -> bytes:
    """A film of 64x80 pixels that a browser plays."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 80, "yuv420p"
        for number in range(int(seconds * 10)):
            picture = np.full((80, 64, 3), number * 4 % 256, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode())
    return buffer.getvalue()
