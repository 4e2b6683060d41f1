"""Words on the picture: when each stands, and the quietest place in the frame for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from auratune.core.geometry import Box
from auratune.core.storyboard import Framing, TypeCue
from auratune.film.cutting.detail import Detail

if TYPE_CHECKING:
    from auratune.core.scene import Scene
    from auratune.core.song import LineTiming, SungLine
    from auratune.core.storyboard import Shot, TypeRole
    from auratune.film.cutting.lens import Lens

SAFE = Box(0.08, 0.07, 0.92, 0.93)
"""The title-safe area."""
READABLE_BRIGHTNESS = 0.46
"""White letters on a picture of this brightness (of the signal, 0 to 1) stand at 4.5 : 1, as WCAG 2 asks of text."""

_SHORTEST_CUE_SECONDS = 0.7
_LONGEST_CUE_SECONDS = 6.0
_NAMES = {"claude": "Claude", "suno": "Suno", "elevenlabs": "ElevenLabs", "you": "you"}
_SPOTS: dict[TypeRole, tuple[tuple[float, float], ...]] = {
    # (middle of the box, its height), best first
    "title": ((0.50, 0.26), (0.30, 0.26), (0.72, 0.26), (0.20, 0.24), (0.80, 0.24)),
    "lyric": ((0.83, 0.17), (0.17, 0.17), (0.70, 0.17), (0.30, 0.17)),
    "end": ((0.50, 0.26), (0.28, 0.26), (0.74, 0.26), (0.80, 0.24)),
}
_FACE_COST, _PERSON_COST, _BUSY_COST, _BRIGHT_COST, _RANK_COST = 6.0, 1.2, 0.8, 0.25, 0.07


@dataclass(frozen=True, slots=True)
class Page:
    """What lies under the words: the scene through the shots' windows."""

    scene: Scene
    lens: Lens
    shots: tuple[Shot, ...]
    bars: float
    """Share of the frame's height that each letterbox bar covers."""
    detail: Detail

    def lettered(self, cue: TypeCue) -> TypeCue:
        """The cue in the best place for it, with as much shade as its contrast needs."""
        windows = self._windows(cue.first_frame, cue.end_frame)
        boxes = [self._spot(centre, height) for centre, height in _SPOTS[cue.role]]
        costs = [sum(self._cost(box, window) for window in windows) / len(windows) for box in boxes]
        rank = min(range(len(boxes)), key=lambda index: costs[index] + _RANK_COST * index)
        box = boxes[rank]
        brightest = max(self.detail.brightest(_through(box, window)) for window in windows)
        shade = 0.0 if brightest <= 0 else max(0.0, 1.0 - READABLE_BRIGHTNESS / brightest)
        return replace(cue, box=box, shade=round(shade, 3))

    def _spot(self, centre: float, height: float) -> Box:
        top, bottom = max(SAFE.top, self.bars + 0.03), min(SAFE.bottom, 0.97 - self.bars)
        height = min(height, bottom - top)
        middle = min(bottom - height / 2, max(top + height / 2, centre))
        return Box(SAFE.left, round(middle - height / 2, 4), SAFE.right, round(middle + height / 2, 4))

    def _windows(self, first_frame: int, end_frame: int) -> list[Box]:
        """What the shots show while the cue stands."""
        seen: list[Box] = []
        for shot in self.shots:
            if shot.first_frame < end_frame and first_frame < shot.end_frame:
                seen += [self.lens.window(shot.move.start), self.lens.window(shot.move.end)]
        return seen or [self.lens.window(Framing(0.5, 0.5, self.lens.widest))]

    def _cost(self, box: Box, window: Box) -> float:
        under = _through(box, window)
        cost = 0.0
        for subject in self.scene.subjects:
            if subject.kind == "region" or subject.box.area <= 0:
                continue
            share = subject.box.overlap(under) / min(subject.box.area, under.area)
            cost += share * (_FACE_COST if subject.kind == "face" else _PERSON_COST)
        return cost + _BUSY_COST * self.detail.busyness(under) + _BRIGHT_COST * self.detail.brightness(under)


def title_cue(title: str, first_shot_end: int, fps: int, frame_count: int) -> TypeCue | None:
    """The title, over the first wide; short films show it shorter."""
    if not title.strip():
        return None
    start = round(min(0.7, 0.06 * frame_count / fps) * fps)
    longest = round(4.0 * fps)
    end = min(start + longest, max(first_shot_end, start + round(1.6 * fps)), frame_count // 2)
    return replace(_cue("title", title.strip(), start, end), fade_frames=_fade(0.6, end - start, fps))


def end_cue(title: str, words_by: str, music_by: str, last_shot: Shot, free_from: int, fps: int) -> TypeCue | None:
    """The title once more and who made it, over the held wide; none where it would stand for a moment only."""
    start = last_shot.first_frame + round(min(1.1, 0.3 * (last_shot.end_frame - last_shot.first_frame) / fps) * fps)
    start = max(start, free_from)
    if last_shot.end_frame - start < round(1.2 * fps):
        return None
    cue = _cue("end", f"{title.strip()}\n{credit(words_by, music_by)}".strip(), start, last_shot.end_frame)
    return replace(cue, fade_frames=_fade(0.7, last_shot.end_frame - start, fps))


def credit(words_by: str, music_by: str) -> str:
    """Who made the film, truthfully and in few words."""
    words, music = _NAMES.get(words_by), _NAMES.get(music_by)
    if words and music:
        return f"words by {words} · music by {music}"
    if music:
        return f"an AuraTune film · music by {music}"
    return f"an AuraTune film · words by {words}" if words else "an AuraTune film"


def caption_cues(lines: tuple[SungLine, ...], frame_count: int, fps: int, timing: LineTiming) -> tuple[TypeCue, ...]:
    """Lyric lines, timed from the film's beginning, as cues of which none overlaps the next."""
    cues: list[TypeCue] = []
    for line in lines:
        if line.start_seconds is None or not line.text.strip():
            continue
        start = line.start_seconds
        end = start + _LONGEST_CUE_SECONDS if line.end_seconds is None else line.end_seconds
        end = min(max(end, start + _SHORTEST_CUE_SECONDS), start + _LONGEST_CUE_SECONDS)
        first, last = max(0, round(start * fps)), min(frame_count, round(end * fps))
        if last - first >= round(0.4 * fps):
            cue = _cue("lyric", " ".join(line.text.split()), first, last)
            cues.append(replace(cue, timing=timing, fade_frames=_fade(0.25, last - first, fps)))
    cues.sort(key=lambda cue: cue.first_frame)
    ends = [min(one.end_frame, other.first_frame) for one, other in pairwise(cues)] + [
        cue.end_frame for cue in cues[-1:]
    ]
    return tuple(replace(cue, end_frame=end) for cue, end in zip(cues, ends, strict=True) if end > cue.first_frame)


def clear_of(cues: tuple[TypeCue, ...], others: list[TypeCue], fps: int) -> tuple[TypeCue, ...]:
    """Lyric cues that do not stand at the same time as a title; those that mostly would are left out of the picture."""
    kept = []
    for cue in cues:
        first, end = cue.first_frame, cue.end_frame
        for other in others:
            if first < other.end_frame and other.first_frame < end:
                if other.role == "title":
                    first = max(first, other.end_frame)
                else:
                    end = min(end, other.first_frame)
        if end - first >= round(_SHORTEST_CUE_SECONDS * fps):
            kept.append(replace(cue, first_frame=first, end_frame=end))
    return tuple(kept)


def _fade(seconds: float, length_frames: int, fps: int) -> int:
    return max(1, min(round(seconds * fps), length_frames // 4))


def _cue(role: TypeRole, text: str, first_frame: int, end_frame: int) -> TypeCue:
    return TypeCue(role=role, text=text, first_frame=first_frame, end_frame=end_frame, box=SAFE)


def _through(box: Box, window: Box) -> Box:
    """The part of the photo under a box of the frame."""
    return Box(
        window.left + box.left * window.width,
        window.top + box.top * window.height,
        window.left + box.right * window.width,
        window.top + box.bottom * window.height,
    )
