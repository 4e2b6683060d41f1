"""Text on the picture: when each cue is shown, and the quietest place in the frame for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from auratune.core.geometry import Box
from auratune.core.scene import Scene
from auratune.core.song import LineTiming, SungLine
from auratune.core.storyboard import Framing, Shot, TypeCue, TypeRole
from auratune.film.editing.depth_choice import has_layers
from auratune.film.editing.detail_lookup import Detail
from auratune.film.editing.framing_rules import FrameGeometry
from auratune.film.strips import STRIP_EFFECTS
from auratune.film.typography.sizes import BEHIND_SCALE, LEADING, SIZES, base_px
from auratune.film.typography.type_styles import type_style
from auratune.film.viewport import between

SAFE = Box(0.08, 0.07, 0.92, 0.93)
"""The title-safe area."""
READABLE_BRIGHTNESS: dict[TypeRole, float] = {"title": 0.68, "lyric": 0.68, "end": 0.58}
"""On a picture of this brightness (of the signal, 0 to 1) the letters' own shadow is enough: they stand at 4.5 : 1
against what is around them, as WCAG 2 asks of text. Thin small letters pool less of it."""

_SHORTEST_CUE_SECONDS = 0.7
_LONGEST_CUE_SECONDS = 6.0
_SHORTEST_TITLE_SECONDS = 2.0
_CARD_WAITS_SECONDS, _CARD_STANDS_SECONDS = 1.1, 3.8
_CARD_STANDS_AT_LEAST_SECONDS = 1.2
_NAMES = {
    "claude": "Claude",
    "suno": "Suno",
    "elevenlabs": "ElevenLabs",
    "lyria": "Lyria",
    "acestep": "ACE-Step",
    "you": "you",
}
_SPOTS: dict[TypeRole, tuple[tuple[float, float], ...]] = {
    # (middle of the box, its height), best first
    "title": ((0.50, 0.26), (0.30, 0.26), (0.72, 0.26), (0.20, 0.24), (0.80, 0.24)),
    "lyric": ((0.83, 0.17), (0.17, 0.17), (0.70, 0.17), (0.30, 0.17)),
    "end": ((0.50, 0.26), (0.28, 0.26), (0.74, 0.26), (0.80, 0.24)),
}
_COVER_COSTS = {"face": 9.0, "person": 1.6, "thing": 0.8, "region": 0.45}
_BUSY_COST, _BRIGHT_COST = 0.8, 0.5
_RANK_COST: dict[TypeRole, float] = {"title": 0.05, "lyric": 0.16, "end": 0.05}
"""Lyrics stay where the eye expects them; a card goes where the picture is quiet."""
_LONGEST_BEHIND, _LEAST_COVERED, _MOST_COVERED = 26, 0.05, 0.42
"""Letters of a text behind the subject, and the share of its area that the subject covers."""
_BUSY_SHADE, _SPREAD, _DARKEST_SHADE = 0.35, 0.4, 0.7
"""Thin letters on a restless picture want some shade even where it is dark."""


@dataclass(frozen=True, slots=True)
class TextPlacer:
    """Places cues by what the shots show under them."""

    scene: Scene
    geometry: FrameGeometry
    shots: tuple[Shot, ...]
    bars: float
    """Share of the frame's height that each letterbox bar covers."""
    detail: Detail

    def placed(self, cue: TypeCue) -> TypeCue:
        """The cue in the best place for it, with as much shade as its contrast needs."""
        windows = self._windows(cue.first_frame, cue.end_frame)
        boxes = [self._spot(centre, height) for centre, height in _SPOTS[cue.role]]
        text_boxes = [self._text_box(cue, box) for box in boxes]
        costs = [
            sum(self._cost(text_box, window) for window in windows) / len(windows) + _RANK_COST[cue.role] * rank
            for rank, text_box in enumerate(text_boxes)
        ]
        best = costs.index(min(costs))
        return replace(
            cue, box=boxes[best], shade=round(self._shade(text_boxes[best], windows, READABLE_BRIGHTNESS[cue.role]), 3)
        )

    def behind(self, cue: TypeCue) -> TypeCue | None:
        """The cue behind the masked subject, whose top covers the feet of its letters; None where that does not do."""
        mask = self.scene.mask
        if mask is None or not has_layers(self.scene) or len(cue.text) > _LONGEST_BEHIND:
            return None
        under = self._shots_under(cue.first_frame, cue.end_frame)
        if any(effect.name in STRIP_EFFECTS for shot in under for effect in shot.effects):
            return None
        windows = self._windows(cue.first_frame, cue.end_frame)
        tops = [(mask.box.top - window.top) / window.height for window in windows]
        top = sum(tops) / len(tops)
        style = type_style(cue.style)
        size = SIZES[cue.role] * BEHIND_SCALE * style.scale
        size *= base_px(self.geometry.film_width_px, self.geometry.film_height_px)
        letters = len(cue.text) * style.letter_width * size / self.geometry.film_width_px
        # On one line, as large as that allows.
        size, letters = size * min(1.0, SAFE.width / letters), min(letters, SAFE.width)
        height = LEADING * size / self.geometry.film_height_px / 0.8
        # The subject's top covers the feet of the letters; where there is no room above, more of them.
        middle = max(top - 0.22 * height, max(SAFE.top, self.bars + 0.03) + height / 2)
        box = Box(SAFE.left, middle - height / 2, SAFE.right, middle + height / 2)
        across = min(1.0, max(mask.box.width / window.width for window in windows) / letters)
        covered = across * min(1.0, max(0.0, box.bottom - top) / height)
        steady = max(tops) - min(tops) < 0.5 * height
        if not steady or box.bottom > SAFE.bottom or not _LEAST_COVERED <= covered <= _MOST_COVERED:
            return None
        if self._hits_a_face(box, windows):
            return None
        shade = self._shade(box, windows, READABLE_BRIGHTNESS[cue.role])
        return replace(cue, box=box, behind=True, shade=round(shade, 3))

    def _hits_a_face(self, box: Box, windows: list[Box]) -> bool:
        faces = [subject.box for subject in self.scene.subjects if subject.kind == "face"]
        return any(face.overlap(_through(box, window)) > 0.25 * face.area for face in faces for window in windows)

    def _shade(self, text_box: Box, windows: list[Box], readable: float) -> float:
        """Enough for the brightest cell under the letters, at any time that they stand."""
        under = [_through(text_box, window) for window in windows]
        # A cell is a mean: where it is busy, parts of it are brighter.
        brightest = max(self.detail.brightest(part) + _SPREAD * self.detail.busyness(part) for part in under)
        shade = 1.0 - readable / brightest if brightest > readable else 0.0
        return min(_DARKEST_SHADE, max(shade, _BUSY_SHADE * max(self.detail.busyness(part) for part in under)))

    def _text_box(self, cue: TypeCue, box: Box) -> Box:
        """About where the letters will lie in the box; they are measured only when they are set."""
        style = type_style(cue.style)
        size = SIZES[cue.role] * style.scale * base_px(self.geometry.film_width_px, self.geometry.film_height_px)
        longest = max(len(line) for line in cue.text.split("\n"))
        length = longest * style.letter_width * size / self.geometry.film_width_px
        lines = math.ceil(length / box.width) + cue.text.count("\n")
        width = min(box.width, 1.15 * length / max(1, math.ceil(length / box.width)))
        height = min(box.height, lines * LEADING * size / self.geometry.film_height_px)
        middle, axis = box.centre[1], box.centre[0]
        return Box(axis - width / 2, middle - height / 2, axis + width / 2, middle + height / 2)

    def _spot(self, centre: float, height: float) -> Box:
        top, bottom = max(SAFE.top, self.bars + 0.03), min(SAFE.bottom, 0.97 - self.bars)
        height = min(height, bottom - top)
        middle = min(bottom - height / 2, max(top + height / 2, centre))
        return Box(SAFE.left, round(middle - height / 2, 4), SAFE.right, round(middle + height / 2, 4))

    def _shots_under(self, first_frame: int, end_frame: int) -> list[Shot]:
        return [shot for shot in self.shots if first_frame < shot.end_frame and shot.first_frame < end_frame]

    def _windows(self, first_frame: int, end_frame: int) -> list[Box]:
        """What the shots show while the cue stands: at its beginning, in the middle and at its end."""
        seen: list[Box] = []
        for shot in self._shots_under(first_frame, end_frame):
            first, end = max(first_frame, shot.first_frame), min(end_frame, shot.end_frame)
            length = shot.end_frame - shot.first_frame
            for frame in (first, (first + end) / 2, end):
                share = (frame - shot.first_frame) / length
                seen.append(self.geometry.frame(between(shot.move.start, shot.move.end, share)))
        return seen or [self.geometry.frame(Framing(0.5, 0.5, self.geometry.widest))]

    def _cost(self, box: Box, window: Box) -> float:
        under = _through(box, window)
        cost = 0.0
        for subject in self.scene.subjects:
            if subject.box.area > 0:
                share = subject.box.overlap(under) / min(subject.box.area, under.area)
                cost += share * _COVER_COSTS.get(subject.kind, 0.6) * (0.5 + 0.5 * subject.weight)
        return cost + _BUSY_COST * self.detail.busyness(under) + _BRIGHT_COST * self.detail.brightness(under)


def title_cue(title: str, first_shot_end: int, first_line: int | None, fps: int, frame_count: int) -> TypeCue | None:
    """The title, over the first wide; short films show it shorter, and it makes room for the first line of the song.

    `first_line` is the frame from which that line wants to stand, None where no lines are drawn.
    """
    if not title.strip():
        return None
    start = round(min(0.7 if first_line is None else 0.4, 0.06 * frame_count / fps) * fps)
    end = min(start + round(4.0 * fps), max(first_shot_end, start + round(1.6 * fps)), frame_count // 2)
    if first_line is not None:
        end = min(end, max(first_line, start + round(_SHORTEST_TITLE_SECONDS * fps)))
    return replace(_cue("title", title.strip(), start, end), fade_frames=_fade(0.6, end - start, fps))


def end_cue(
    title: str, words_by: str, music_by: str, last_shot: Shot, free_from: int, fps: int, hit_seconds: float | None
) -> TypeCue | None:
    """The title once more and who made it, over the held wide; none where it would stand for a moment only.

    It comes with the song's final chord (`hit_seconds`) where that strikes inside the shot.
    """
    length, least = last_shot.end_frame - last_shot.first_frame, round(_CARD_STANDS_AT_LEAST_SECONDS * fps)
    wait = max(min(_CARD_WAITS_SECONDS, 0.3 * length / fps), length / fps - _CARD_STANDS_SECONDS)
    start = last_shot.first_frame + round(wait * fps)
    if hit_seconds is not None and last_shot.first_frame + fps // 2 <= round(hit_seconds * fps):
        start = min(round(hit_seconds * fps), last_shot.end_frame - least)
    start = max(start, free_from)
    if last_shot.end_frame - start < least:
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
            words = tuple(max(first, round(word.start_seconds * fps)) for word in line.words)
            if len(words) != len(cue.text.split()):
                words = ()
            cues.append(replace(cue, timing=timing, fade_frames=_fade(0.25, last - first, fps), word_frames=words))
    cues.sort(key=lambda cue: cue.first_frame)
    ends = [min(one.end_frame, other.first_frame) for one, other in pairwise(cues)] + [
        cue.end_frame for cue in cues[-1:]
    ]
    return tuple(replace(cue, end_frame=end) for cue, end in zip(cues, ends, strict=True) if end > cue.first_frame)


def in_style(cue: TypeCue, style_name: str, fps: int) -> TypeCue:
    """The cue in the type of a musical style: titles come in by its own sequence, lyrics word by word or as a line."""
    style = type_style(style_name)
    cue = replace(cue, style=style_name)
    frames = cue.end_frame - cue.first_frame
    if cue.role == "title":
        reveal = style.title_sequence
        return replace(cue, reveal=reveal, reveal_frames=min(round(style.reveal_seconds * fps), frames // 2))
    if cue.role == "lyric" and not cue.word_frames:
        return replace(cue, reveal="wipe", reveal_frames=min(round(0.45 * fps), frames // 3))
    return cue


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
