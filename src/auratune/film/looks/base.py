"""What a look may do to the colours of a photo.

Shadows are opened before anything else, curves run from black to white so that clipped highlights stay white, tints
fade out towards both ends, and colours near skin keep their hue.
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]
"""Red, green and blue, added at full strength; small numbers either side of 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look does."""

    lift: float = 0.0
    """Opens the shadows: added near black, fading out by the middle; black itself is kept unless `matte`."""
    matte: float = 0.0
    """Raises black itself, as faded prints do."""
    exposure: float = 0.0
    """Lightens or darkens the middle, -0.25 to 0.25; shadows and white stay."""
    contrast: float = 0.0
    """S-curve around the middle, -1 to 1."""
    saturation: float = 1.0
    vibrance: float = 0.0
    """More colour where there is little of it."""
    shadows: Colour = (0.0, 0.0, 0.0)
    middle: Colour = (0.0, 0.0, 0.0)
    highlights: Colour = (0.0, 0.0, 0.0)
    keeps_skin: float = 1.0
    """How far a skin-like colour keeps its hue, 0 to 1; its lightness and saturation follow the look."""
    mixer: tuple[Colour, Colour, Colour] | None = None
    """What red, green and blue are made of, each from red, green and blue: for infrared film."""
    grain: float = 1.0
    """Standard deviation, in levels of 255."""
    vignette: float = 0.15
    """How much darker the corners are, 0 to 1."""
    bloom: float = 0.08
    """Strength of the glow around highlights, 0 to 1."""
    weave: float = 0.0
    """How far the picture wanders in its gate, in frame widths."""
