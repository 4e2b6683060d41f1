"""Whether a photo can be shown in two layers, which shots are, and how far a subject in the shade is lifted."""

from __future__ import annotations

from auratune.core.geometry import Box
from auratune.core.scene import Scene

MOST_DEPTH_SHOTS = 3
_LEAST_TRUST, _LEAST_AREA, _MOST_AREA = 0.6, 0.03, 0.6
_WIDEST_SPAN = 0.95
"""A mask from edge to edge is a frieze or a hedge: its ends would be seen to slide."""
_LEAST_SEEN, _SMALLEST, _LARGEST = 0.55, 0.04, 0.66
_LEAST_LIFT_TRUST, _SHADE, _MOST_LIFT = 0.4, 0.3, 0.8
"""Mean luma below which a subject before a brighter background is in the shade."""


def has_layers(scene: Scene) -> bool:
    """Whether the subject's outline is good enough to cut along: measured on photos whose films were looked at."""
    mask = scene.mask
    if mask is None or mask.trust < _LEAST_TRUST or not _LEAST_AREA <= mask.area <= _MOST_AREA:
        return False
    return mask.box.width < _WIDEST_SPAN or any(one.kind == "person" for one in scene.subjects)


def shows_depth(scene: Scene, window: Box) -> bool:
    """Whether a window shows enough of the subject and of its background for depth to be seen."""
    if scene.mask is None:
        return False
    box = scene.mask.box
    seen = box.overlap(window)
    share = scene.mask.area * seen / max(1e-6, box.area) / window.area
    return seen >= _LEAST_SEEN * box.area and _SMALLEST <= share <= _LARGEST


def subject_lift(scene: Scene) -> float:
    """How far the masked subject is brightened, 0 to 0.8: only against the light."""
    mask = scene.mask
    if mask is None or mask.trust < _LEAST_LIFT_TRUST or mask.surround < 1.6 * mask.brightness:
        return 0.0
    return round(min(_MOST_LIFT, max(0.0, (_SHADE - mask.brightness) / _SHADE * 1.4)), 3)
