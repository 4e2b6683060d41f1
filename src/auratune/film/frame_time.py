"""The one thing a move or an effect may know about time: where in the film, the shot and the beat a frame lies."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from auratune.core.beat_grid import BeatGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTime:
    """A frame's place in time."""

    frame: int
    """Frame of the film, from 0."""
    seconds: float
    """Of the film."""
    frames_left: int
    """Frames that follow this one in the film."""
    progress: float
    """0 at the first frame a shot shows, 1 at its last; the halves of its transitions count."""
    shot_seconds: float
    """How long the shot is on screen, transitions included."""
    frames_per_second: float = 30.0
    beat_phase: float = 0.0
    """0 on a beat, towards 1 just before the next."""
    beat_seconds: float = 0.5
    """Length of the beat that this moment lies in."""
    energy: float = 0.5
    """Loudness of the song here, 0 to 1."""


class Clock:
    """Turns frames into moments on a beat grid."""

    def __init__(self, beats: BeatGrid, fps: int, frame_count: int) -> None:
        self._times = beats.beats
        self._energy = beats.energy
        self._usual_beat = 60.0 / max(1.0, beats.tempo_bpm)
        self._fps = fps
        self._frame_count = frame_count

    def at(self, frame: int, first_frame: int, end_frame: int) -> FrameTime:
        """The moment of `frame` for a shot on screen from `first_frame` up to but not including `end_frame`."""
        seconds = frame / self._fps
        phase, beat_seconds, energy = self._beat(seconds)
        return FrameTime(
            frame=frame,
            seconds=seconds,
            frames_left=self._frame_count - 1 - frame,
            progress=min(1.0, max(0.0, (frame - first_frame) / max(1, end_frame - 1 - first_frame))),
            shot_seconds=(end_frame - first_frame) / self._fps,
            frames_per_second=self._fps,
            beat_phase=phase,
            beat_seconds=beat_seconds,
            energy=energy,
        )

    def _beat(self, seconds: float) -> tuple[float, float, float]:
        # Half a frame of grace: a beat that falls between two frames belongs to the nearer one.
        index = bisect_right(self._times, seconds + 0.5 / self._fps) - 1
        if index < 0:
            return 0.999, self._usual_beat, self._energy[0] if self._energy else 0.0
        start = self._times[index]
        end = self._times[index + 1] if index + 1 < len(self._times) else start + self._usual_beat
        length = max(1e-3, end - start)
        energy = self._energy[min(index, len(self._energy) - 1)] if self._energy else 0.0
        return min(0.999, max(0.0, (seconds - start) / length)), length, energy
