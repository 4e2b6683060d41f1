"""The lyrics as files beside the film: WebVTT for players, LRC for music players."""

from __future__ import annotations

from itertools import zip_longest

from auratune.core.storyboard import Storyboard, TypeCue

_ESTIMATED_NOTE = "Times are estimated from the beat of the song."


def write_vtt(storyboard: Storyboard) -> str:
    """The captions as WebVTT (W3C), with a NOTE where times are estimated; just the header where there are none."""
    blocks = ["WEBVTT"]
    if any(cue.timing != "sung" for cue in storyboard.captions):
        blocks.append(f"NOTE {_ESTIMATED_NOTE}")
    for number, cue in enumerate(storyboard.captions, 1):
        start, end = (_vtt_time(frame, storyboard.fps) for frame in (cue.first_frame, cue.end_frame))
        blocks.append(f"{number}\n{start} --> {end} {_vtt_place(cue)}\n{_vtt_text(cue.text)}")
    return "\n\n".join(blocks) + "\n"


def write_lrc(storyboard: Storyboard) -> str:
    """The captions as LRC: one line a time tag, and an empty one where a pause begins."""
    tags = [f"[ti:{_one_line(storyboard.title)}]", f"[length:{_lrc_time(storyboard.frame_count, storyboard.fps)[:-3]}]"]
    if any(cue.timing != "sung" for cue in storyboard.captions):
        tags.append(f"[re:{_ESTIMATED_NOTE}]")
    lines = []
    for cue, after in zip_longest(storyboard.captions, storyboard.captions[1:]):
        lines.append(f"[{_lrc_time(cue.first_frame, storyboard.fps)}]{_one_line(cue.text)}")
        if after is None or after.first_frame - cue.end_frame >= storyboard.fps:
            lines.append(f"[{_lrc_time(cue.end_frame, storyboard.fps)}]")
    return "\n".join((*tags, *lines)) + "\n"


def _vtt_time(frame: int, fps: int) -> str:
    milliseconds = round(1000 * frame / fps)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _vtt_place(cue: TypeCue) -> str:
    """The line setting: captions stand where the burned-in words would, so that they cover no face."""
    middle = cue.box.centre[1]
    return f"line:{round(100 * middle)}%,center align:center"


def _vtt_text(text: str) -> str:
    # An arrow inside a cue would end it; the three signs of markup are escaped.
    escaped = _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped or "&nbsp;"


def _lrc_time(frame: int, fps: int) -> str:
    hundredths = round(100 * frame / fps)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes:02}:{rest // 100:02}.{rest % 100:02}"


def _one_line(text: str) -> str:
    return " ".join(text.replace("\u2028", " ").replace("\x00", "").split())
