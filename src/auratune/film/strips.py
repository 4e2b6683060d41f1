"""What planning and drawing both know of frames in strips. Light on purpose: the editor plans with it."""

from __future__ import annotations

STRIP_EFFECTS = frozenset({"triptych"})
"""Effects that draw the frame in strips, where nothing stands behind the subject."""
CLOSING = 0.05
"""How far a strip closes in or opens, as a share of its width."""
