"""Places in a picture, in fractions of its width and height."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the picture: (0, 0) is the top left corner, (1, 1) the bottom right."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width as a fraction of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height as a fraction of the picture's height."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Centre as (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """Share of the picture that the box covers, 0 to 1; an inverted box covers nothing."""
        return max(0.0, self.width) * max(0.0, self.height)

    def overlap(self, other: Box) -> float:
        """Area shared with another box, as a share of the picture."""
        return self.overlap_across(other) * self.overlap_down(other)

    def overlap_across(self, other: Box) -> float:
        """Width shared with another box."""
        return max(0.0, min(self.right, other.right) - max(self.left, other.left))

    def overlap_down(self, other: Box) -> float:
        """Height shared with another box."""
        return max(0.0, min(self.bottom, other.bottom) - max(self.top, other.top))

    def likeness(self, other: Box) -> float:
        """Intersection over union with another box, 0 (strangers) to 1 (the same)."""
        shared = self.overlap(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def clipped(self) -> Box:
        """The part of the box that lies inside the picture."""
        return Box(
            min(1.0, max(0.0, self.left)),
            min(1.0, max(0.0, self.top)),
            min(1.0, max(0.0, self.right)),
            min(1.0, max(0.0, self.bottom)),
        )


WHOLE_PICTURE = Box(0.0, 0.0, 1.0, 1.0)
