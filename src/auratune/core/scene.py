"""What is seen in a photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from auratune.core.geometry import Box
from auratune.core.treatment import Treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

SubjectKind = Literal["face", "person", "thing", "region"]


@dataclass(frozen=True, slots=True)
class Swatch:
    """One colour of the palette: sRGB 0-255 and the share of the picture it covers, 0 to 1."""

    red: int
    green: int
    blue: int
    share: float


@dataclass(frozen=True, slots=True)
class Subject:
    """Something worth a close-up. `region` means salient, not recognised."""

    kind: SubjectKind
    box: Box
    weight: float
    """How much it matters, 0 to 1."""
    label: str = ""
    gaze: float = 0.0
    """Where a face looks: -1 (to the left of the picture) over 0 (at the camera, or unknown) to 1 (right)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectMask:
    """The outline of the main subject: a grey PNG in the store, 0 background to 255 subject, over the whole picture."""

    key: str
    box: Box
    area: float
    """Share of the picture."""
    trust: float
    """0 (do not cut along it) to 1 (a clean outline)."""
    brightness: float = 0.5
    """Mean luma of the subject, 0 to 1."""
    surround: float = 0.5
    """Mean luma of everything else, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Measured light; each 0 to 1 unless said."""

    brightness: float
    contrast: float
    warmth: float
    """-1 (blue) to 1 (amber)."""
    colourfulness: float
    edge_energy: float
    sharpness: float
    """0 blurred, 1 as crisp as the pixel grid bears: about 1/n for a picture that was enlarged n times.

    Decides how far a close-up may enlarge."""
    clipped_highlights: float = 0.0
    clipped_shadows: float = 0.0


@dataclass(frozen=True, slots=True)
class Mood:
    """Valence -1 (sad) to 1 (glad); arousal 0 (calm) to 1 (excited). After Russell's circumplex (1980)."""

    valence: float
    arousal: float


@dataclass(frozen=True, slots=True)
class DetailMap:
    """A coarse map of the picture, row by row from the top left: where it is busy, where it is bright (0 to 1)."""

    columns: int
    rows: int
    busyness: tuple[float, ...]
    brightness: tuple[float, ...]

    def cells(self) -> Iterator[tuple[Box, float, float]]:
        """Each cell as (box, busyness, brightness)."""
        for index, (busy, bright) in enumerate(zip(self.busyness, self.brightness, strict=True)):
            row, column = divmod(index, self.columns)
            yield (
                Box(column / self.columns, row / self.rows, (column + 1) / self.columns, (row + 1) / self.rows),
                busy,
                bright,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where and when the photo was taken, as far as its pixels tell. False and `unknown` mean: not known."""

    place: Literal["indoors", "outdoors", "unknown"] = "unknown"
    time: Literal["day", "night", "unknown"] = "unknown"
    season: Literal["winter", "autumn", "unknown"] = "unknown"
    sky: bool = False
    water: bool = False
    plants: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The facts of a photo that every later stage works from."""

    width_px: int
    height_px: int
    subjects: tuple[Subject, ...]
    """Most important first; may be empty."""
    palette: tuple[Swatch, ...]
    """Largest share first."""
    light: Light
    mood: Mood
    detail: DetailMap
    caption: str
    seen_by: str
    """Name of the observer: `claude` or `embedded`."""
    draft: Treatment | None = None
    """An observer that also writes leaves its treatment here, so that one paid call serves both stages."""
    notices: tuple[str, ...] = ()
    mask: SubjectMask | None = None
    tilt_degrees: float = 0.0
    """The photo is turned clockwise by this and cropped; all boxes, maps and sizes here are of the turned picture."""
    surroundings: Surroundings = Surroundings()
    """All unknown in a scene that version 0.1 stored."""
