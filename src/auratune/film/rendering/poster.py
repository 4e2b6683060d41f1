"""Which frame of a film makes its poster."""

from __future__ import annotations

from auratune.core.storyboard import Shot, Storyboard

_PLACES = (0.5, 0.4, 0.6, 0.7, 0.3)


def poster_frame(storyboard: Storyboard) -> int:
    """A frame that shows most of the picture: away from transitions and fades, and best from no shot that blurs."""
    steady = [shot for shot in storyboard.shots if shot.move.name != "focus_pull"] or list(storyboard.shots)
    edge = round(0.1 * storyboard.frame_count)
    middle = [shot for shot in steady if edge <= _place(shot, 0.5) < storyboard.frame_count - edge] or steady
    widest = max(middle, key=lambda shot: (round(_width(shot), 3), -shot.first_frame))
    worded = [(cue.first_frame, cue.end_frame) for cue in storyboard.cues]
    for place in _PLACES:
        frame = _place(widest, place)
        if not any(first <= frame < end for first, end in worded):
            return frame
    return _place(widest, 0.5)


def _width(shot: Shot) -> float:
    return (shot.move.start.width + shot.move.end.width) / 2


def _place(shot: Shot, share: float) -> int:
    return shot.first_frame + int((shot.end_frame - 1 - shot.first_frame) * share)
