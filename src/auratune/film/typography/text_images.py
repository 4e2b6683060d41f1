"""Title card, lyrics and end card: each set once as a small picture that the renderer lays over its frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from auratune.core.storyboard import TypeCue, TypeRole
from auratune.film.typography.clusters import clusters
from auratune.film.typography.fonts import FontStack, font, is_plain, styled_face, writable
from auratune.film.typography.line_breaks import balanced, shown, with_breaks
from auratune.film.typography.paint import HorizontalRule, Scrim, TextLine, advance, paint
from auratune.film.typography.reveals import Span
from auratune.film.typography.sizes import BEHIND_SCALE, LEADING, SIZES, SMALL_SIZE, base_px
from auratune.film.typography.type_styles import TypeStyle, set_in_case, type_style

_TITLE_LINES, _LYRIC_LINES = 3, 2
_SMALLEST_PX = 9
_SHRINK, _ONE_LINE_FROM = 0.93, 0.84
_NEAR_TOP, _NEAR_BOTTOM = 0.36, 0.64


@dataclass(frozen=True, slots=True)
class TextImage:
    """Words as a picture: where its top left corner lies in the frame, and (height, width, 4) with straight alpha."""

    x_px: int
    y_px: int
    rgba: npt.NDArray[np.uint8]
    words: tuple[Span, ...] = ()
    """Where each word lies in the picture, in reading order."""
    letters: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _TextBlock:
    """Lines set around a vertical axis at 0, from 0 downwards."""

    lines: list[TextLine]
    rules: list[HorizontalRule]
    height_px: float
    softness_px: float


def rasterize(cue: TypeCue, width_px: int, height_px: int) -> TextImage | None:
    """Set the words of a cue for a frame of this size; None when none of them can be written.

    The words stay inside the cue's box; the shade around them may reach out of it, but not out of the frame.
    """
    box = (
        cue.box.left * width_px,
        cue.box.top * height_px,
        cue.box.width * width_px,
        cue.box.height * height_px,
    )
    block = _layout(cue, box[2], box[3], base_px(width_px, height_px))
    if block is None:
        return None
    axis = box[0] + box[2] / 2
    top = box[1] + max(0.0, (box[3] - block.height_px) / 2)
    scrim = _scrim(cue, block, top, height_px)
    left_px, top_px, right_px, bottom_px = _touched_rect(block, scrim, axis, top, (width_px, height_px))
    lines = [
        replace(line, left_px=axis + line.left_px - left_px, baseline_px=round(top + line.baseline_px) - top_px)
        for line in block.lines
    ]
    rules = [
        HorizontalRule(
            round(axis + rule.left_px - left_px),
            round(top + rule.top_px) - top_px,
            round(rule.width_px),
            max(1, round(rule.height_px)),
            rule.opacity,
        )
        for rule in block.rules
    ]
    scrim = replace(scrim, top_px=scrim.top_px - top_px, bottom_px=scrim.bottom_px - top_px)
    size = (right_px - left_px, bottom_px - top_px)
    words, letters = _spans(lines)
    return TextImage(left_px, top_px, paint(size, lines, rules, scrim, block.softness_px), words, letters)


def _spans(lines: list[TextLine]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The rectangles of words and of letters, each wide enough for its own shadow.

    In scripts whose letters join or run to the left a line counts as one word.
    """
    words: list[Span] = []
    letters: list[Span] = []
    for line in lines:
        top, bottom = int(line.baseline_px - 1.1 * line.font.size), int(line.baseline_px + 0.5 * line.font.size)
        offset, spare = 0, line.font.size * 0.12
        for word in line.text.split() if is_plain(line.font.face, line.text) else [line.text]:
            begin = line.text.index(word, offset)
            offset = begin + len(word)
            ends = [
                line.left_px + (advance(line.text[:at], line.font, line.tracking_px) + line.tracking_px if at else 0.0)
                for at in accumulate(map(len, clusters(word)), initial=begin)
            ]
            words.append((int(ends[0] - spare), top, int(ends[-1] + spare), bottom))
            letters += [(int(left), top, int(right), bottom) for left, right in pairwise(ends)]
    return tuple(words), tuple(letters)


def _scrim(cue: TypeCue, block: _TextBlock, top: float, height_px: int) -> Scrim:
    """The shade behind a block. Under lyrics it runs on to the nearer edge; a title's fades out on both sides."""
    padding = block.softness_px * 0.4
    middle = cue.box.centre[1]
    return Scrim(
        darkness=min(1.0, max(0.0, cue.shade)),
        top_px=top - padding,
        bottom_px=top + block.height_px + padding,
        reach_px=height_px * 0.2,
        open_above=middle < _NEAR_TOP,
        open_below=middle > _NEAR_BOTTOM,
    )


def _touched_rect(
    block: _TextBlock, scrim: Scrim, axis: float, top: float, frame_px: tuple[int, int]
) -> tuple[int, int, int, int]:
    """The rectangle of the frame that the words, their shadow and their shade touch: left, top, right, bottom."""
    width_px, height_px = frame_px
    padding = 1.6 * block.softness_px
    above, below = top - padding, top + block.height_px + padding
    if scrim.darkness > 0:
        above = 0.0 if scrim.open_above else scrim.top_px - scrim.reach_px
        below = height_px if scrim.open_below else scrim.bottom_px + scrim.reach_px
        return 0, max(0, int(above)), width_px, min(height_px, int(below) + 1)
    half = max(line.width_px for line in block.lines) / 2 + padding
    return (
        max(0, int(axis - half)),
        max(0, int(above)),
        min(width_px, int(axis + half) + 1),
        min(height_px, int(below) + 1),
    )


def opacity(cue: TypeCue, frame: int) -> float:
    """How much of the words is there in a frame, 0 to 1: they come and go softly, and the end card stays."""
    if not cue.first_frame <= frame < cue.end_frame:
        return 0.0
    fade = max(1, cue.fade_frames)
    coming = (frame - cue.first_frame + 1) / (fade + 1) if cue.reveal == "fade" and not cue.word_frames else 1.0
    going = 1.0 if cue.role == "end" else (cue.end_frame - frame) / (fade + 1)
    share = min(1.0, coming, going)
    return share * share * (3 - 2 * share)


def _layout(cue: TypeCue, width_px: float, height_px: float, base: float) -> _TextBlock | None:
    style = type_style(cue.style)
    larger = BEHIND_SCALE if cue.behind else 1.0
    if cue.role == "lyric":
        return _lyric(cue.text, style, width_px, height_px, base * larger)
    if cue.role == "title":
        style = replace(style, has_rule=style.has_rule and not cue.behind)
        return _title(cue.text, "", style, SIZES["title"] * larger, width_px, height_px, base)
    title, _, small = cue.text.partition("\n")
    return _title(title, small, style, SIZES["end"], width_px, height_px, base)


def cue_face(role: TypeRole, style: TypeStyle) -> str:
    """The face that the words of a cue are set in."""
    if role == "lyric":
        # Lyrics are small, and hairlines are lost over leaves: two weights more than the title has.
        return "lyric" if style.face == "manrope" else styled_face(style.face, min(700, style.weight + 200))
    return styled_face(style.face, style.weight)


def _lyric(text: str, style: TypeStyle, width_px: float, height_px: float, base: float) -> _TextBlock | None:
    face, size_px = cue_face("lyric", style), SIZES["lyric"] * style.scale * base
    fitted = _fitted(face, text, style, size_px, _LYRIC_LINES, width_px, height_px)
    if fitted is None:
        return None
    lines, height, size = fitted
    return _TextBlock(lines, [], height, size * 0.7)


def _title(
    title: str, small: str, style: TypeStyle, size: float, width_px: float, height_px: float, base: float
) -> _TextBlock | None:
    """The title, a thin rule, and a small line in capitals."""
    size *= style.scale
    room = height_px * (0.62 if small else 0.8)
    fitted = _fitted(cue_face("title", style), title, style, size * base, _TITLE_LINES, width_px, room)
    lines, bottom, size_px = fitted or ([], 0.0, size * base)
    rules: list[HorizontalRule] = []
    if lines and style.has_rule:
        rule_width = min(width_px * 0.4, size_px * 1.5)
        thickness = max(1.0, base / 540)
        bottom += size_px * 0.42
        rules.append(HorizontalRule(-rule_width / 2, bottom, rule_width, thickness, 0.85))
        bottom += thickness
    credit = _credit(small, bottom + (size_px * 0.45 if lines else 0.0), width_px, base)
    if credit is not None:
        lines = [*lines, credit]
        bottom = credit.baseline_px + 0.3 * credit.font.size
    return _TextBlock(lines, rules, bottom, size_px * 0.6) if lines else None


def _credit(text: str, top: float, width_px: float, base: float) -> TextLine | None:
    written = writable("small", text).upper()
    if not written:
        return None
    size = max(float(_SMALLEST_PX), SMALL_SIZE * base)
    while True:
        face = font("small", round(size))
        tracking = size * 0.16 if is_plain("small", written) else 0.0
        width = advance(written, face, tracking)
        if width <= width_px or size <= _SMALLEST_PX:
            return TextLine(written, face, -width / 2, top + size, tracking, 0.88) if width <= width_px else None
        size = max(float(_SMALLEST_PX), size * _SHRINK)


def _fitted(
    face: str, text: str, style: TypeStyle, size_px: float, most_lines: int, width_px: float, height_px: float
) -> tuple[list[TextLine], float, float] | None:
    """Lines centred on the axis, their height, and the size that fits; smaller letters before more lines than liked.

    Words that no line holds even in small letters are broken.
    """
    written = writable(face, set_in_case(text, style.case))
    if not written:
        return None
    tracking = style.tracking if is_plain(face, written) else 0.0

    def measure(letters: FontStack, line: str) -> float:
        return advance(line, letters, tracking * letters.size)

    smallest = font(face, int(max(_SMALLEST_PX, 0.6 * size_px)))
    written = with_breaks(written, partial(measure, smallest), width_px)
    # Slightly smaller on one line looks better than broken; a text too long for the lines that it should have may
    # take more of them once its letters are small.
    one = measure(font(face, max(1, round(size_px))), shown(written))
    size = size_px * width_px / one if width_px < one <= width_px / _ONE_LINE_FROM else size_px
    while size >= _SMALLEST_PX or size == size_px:
        letters = font(face, max(1, int(size)))
        allowed = most_lines if size > 0.68 * size_px else most_lines + 2
        broken = balanced(written, partial(measure, letters), width_px, allowed)
        height = size * (LEADING * (len(broken) - 1) + 1.05) if broken else 0.0
        if broken and height <= height_px:
            lines = [
                TextLine(
                    line,
                    letters,
                    -measure(letters, line) / 2,
                    size * (LEADING * index + 0.82),
                    tracking * letters.size,
                )
                for index, line in enumerate(broken)
            ]
            return lines, height, size
        size *= _SHRINK
    return None
