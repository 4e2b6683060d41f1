"""Tells indoors from outdoors, day from night, and whether sky, water, plants or snow are seen, by colour and position.

Each answer needs clear evidence; without it the answer is `unknown` or False. Colours are CIE L*a*b*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from auratune.core.scene import Surroundings
from auratune.vision import image_ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEASURED_EDGE_PX = 192
_LEAST_EDGE_PX = 8
_LEAVES_GRADIENT = 2.5
"""Mean gradient of lightness, per pixel, over leaves; painted walls and cloth have less."""
_LEAST_PLANTS = 0.12
_LEAST_WOODS = 0.4
"""Share of green texture that is no pot plant, bunch or salad any more, but a place with plants all around."""
_WATER_GRADIENT = 1.3
"""As above, over green or grey water; grass and paving have more."""
_SHORE_STEP = 6.0
"""Lightness that falls from one side of a horizon to the other; a sky fades by a third of that at most."""
_SHORE_ROWS = 3
"""Rows on each side of a horizon: a soft or slightly tilted one is no sharper."""
_STRAIGHT_DEGREES = 10


@dataclass(frozen=True, slots=True)
class _Planes:
    """The picture in L*a*b*, its chroma, and its gradient of lightness; all of shape (height, width)."""

    light: NDArray[np.float32]
    red: NDArray[np.float32]
    yellow: NDArray[np.float32]
    chroma: NDArray[np.float32]
    gradient: NDArray[np.float32]


def surroundings_of(picture: NDArray[np.uint8]) -> Surroundings:
    """What an RGB picture of shape (height, width, 3) tells of where and when it was taken."""
    colours = image_ops.lab(image_ops.shrink(picture, _MEASURED_EDGE_PX))
    if min(colours.shape[:2]) < _LEAST_EDGE_PX:
        return Surroundings()
    light, red, yellow = (colours[..., index] for index in range(3))
    planes = _Planes(light, red, yellow, np.hypot(red, yellow), image_ops.gradient(light))
    sky = _sky(planes)
    green = _textured(planes, (red < -4) & (yellow > 6) & (light > 8))
    place: Literal["indoors", "outdoors", "unknown"] = "unknown"
    if sky:
        place = "outdoors"
    elif _lit_room(planes):
        place = "indoors"
    elif green > _LEAST_WOODS and float(light.mean()) > 30:
        place = "outdoors"
    return Surroundings(
        place=place,
        time="day" if sky else "night" if _night(planes) else "unknown",
        season=_season(planes, outdoors=place == "outdoors", sky=sky),
        sky=sky,
        water=sky and _water(planes),
        plants=green > _LEAST_PLANTS,
    )


def _sky(planes: _Planes) -> bool:
    """Blue, perhaps with white, across the top of the picture, and lighter than what is below or vividly blue."""
    height = len(planes.light)
    blue, white = _sky_colours(planes)
    top = slice(0, max(1, height // 4))
    blues, whites = float(blue[top].mean()), float(white[top].mean())
    if blues < 0.05 or blues + whites < 0.3 or planes.light.mean() < 35:
        return False
    found = planes.light[top][(blue | white)[top]]
    # A painted wall is even; a sky has clouds, or grows lighter towards the horizon.
    vivid = blues > 0.5 and float(np.median(planes.yellow[top][blue[top]])) < -22
    lighter = float(np.median(found)) > float(np.median(planes.light[height // 2 :])) + 8
    clouded = whites > 0.05 or float(np.std(found)) > 6
    graded = float(np.std(found)) > 1.5
    return (vivid and graded) or (lighter and clouded)


def _sky_colours(planes: _Planes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the picture is blue like a sky, cornflower to azure and more blue than violet; and white like a cloud."""
    blue = (planes.yellow < -4) & (planes.light > 45) & (planes.red < -0.35 * planes.yellow)
    return blue, (planes.light > 80) & (planes.chroma < 9)


def _end_of_sky(planes: _Planes) -> int:
    """The first row below the sky's colours: of others, or darker than the rows above by a level step."""
    blue, white = _sky_colours(planes)
    others = (blue | white).mean(axis=1) < 0.5
    span = 2 * _SHORE_ROWS
    falls = (planes.light[:-span] - planes.light[span:] > _SHORE_STEP).mean(axis=1) > 0.8
    begin = int(np.argmin(others))
    ends = np.flatnonzero((others | np.pad(falls, _SHORE_ROWS))[begin:])
    return begin + int(ends[0]) if len(ends) else len(planes.light)


def _water(planes: _Planes) -> bool:
    """Rows in the lower half that are blue or teal nearly from side to side, or smooth and of a dull green.

    Only asked where there is sky; the rows down to its end are its own.
    """
    half = slice(len(planes.light) // 2, None)
    blue = ((planes.yellow < -5) | ((planes.red < -6) & (planes.yellow < 2))) & (planes.light < 85)
    dull = (planes.red < -2) & (np.abs(planes.yellow) < 6) & (planes.light < 60)
    smooth = planes.gradient[half].mean(axis=1) < _WATER_GRADIENT
    rows = (blue[half].mean(axis=1) > 0.8) | ((dull[half].mean(axis=1) > 0.8) & smooth)
    rows[: max(0, _end_of_sky(planes) - half.start)] = False
    return float(rows.mean()) > 0.2


def _textured(planes: _Planes, wanted: NDArray[np.bool_]) -> float:
    """The share of the picture that is `wanted`; 0 where that is as smooth as paint or cloth."""
    share = float(wanted.mean())
    return share if share and float(planes.gradient[wanted].mean()) > _LEAVES_GRADIENT else 0.0


def _night(planes: _Planes) -> bool:
    """An evenly black top, a dark picture, and small lights below. A dark room alone is not night."""
    top = planes.light[: max(1, len(planes.light) // 4)]
    lights = float((planes.light[len(top) :] > 70).mean())
    return float(np.percentile(top, 95)) < 16 and float(planes.light.mean()) < 25 and 0.001 < lights < 0.12


def _lit_room(planes: _Planes) -> bool:
    """Lamps under a ceiling in warm, dim light, among straight lines."""
    top = slice(0, max(1, len(planes.light) // 3))
    warm = float(np.median(planes.yellow[top])) > 6
    dim = 18 < float(np.median(planes.light[top])) < 72 and float(planes.light.mean()) < 60
    lamps = 0.002 < float((planes.light[: len(planes.light) // 2] > 90).mean()) < 0.08
    return warm and dim and lamps and _straightness(planes.light) > 0.5


def _straightness(light: NDArray[np.float32]) -> float:
    """The share of all edges that run level or upright, within 10°."""
    down, across = (np.abs(one) for one in np.gradient(light))
    strength = np.hypot(down, across)
    degrees = np.degrees(np.arctan2(down, across))
    straight = (degrees < _STRAIGHT_DEGREES) | (degrees > 90 - _STRAIGHT_DEGREES)
    return float(strength[straight].sum() / max(1e-6, float(strength.sum())))


def _season(planes: _Planes, *, outdoors: bool, sky: bool) -> Literal["winter", "autumn", "unknown"]:
    """Winter by snow on the ground under a sky, autumn by orange leaves; green leaves may be of spring or summer."""
    ground = slice(int(len(planes.light) * 0.55), None)
    snow = (planes.light > 84) & (planes.chroma < 8)
    if sky and float(snow[ground].mean()) > 0.6:
        return "winter"
    # Bricks are duller than leaves in autumn.
    leaves = (planes.yellow > 35) & (planes.red > 8) & (planes.red < 45)
    return "autumn" if outdoors and _textured(planes, leaves) > 0.2 else "unknown"
