from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests import surroundings_drawings as drawn

from auratune.core import serialization
from auratune.core.scene import DetailMap, Light, Mood, Scene, Surroundings, Swatch
from auratune.vision.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (drawn.dark_hall, Surroundings()),
        (drawn.lit_hall, Surroundings(place="indoors")),
        (drawn.beach, Surroundings(place="outdoors", time="day", sky=True, water=True)),
        (drawn.river, Surroundings(place="outdoors", time="day", sky=True, water=True)),
        (drawn.hazy_sea, Surroundings(place="outdoors", time="day", sky=True, water=True)),
        (drawn.lake, Surroundings(place="outdoors", time="day", sky=True, water=True)),
        (drawn.wide_sky, Surroundings(place="outdoors", time="day", sky=True)),
        (drawn.paved_square, Surroundings(place="outdoors", time="day", sky=True)),
        (drawn.night_street, Surroundings(time="night")),
        (drawn.forest, Surroundings(place="outdoors", plants=True)),
        (drawn.pot_plant, Surroundings(place="indoors", plants=True)),
        (drawn.salad, Surroundings(plants=True)),
        (drawn.snow, Surroundings(place="outdoors", time="day", season="winter", sky=True)),
        (drawn.blue_room, Surroundings()),
        (drawn.green_wall, Surroundings()),
        (drawn.white_hall, Surroundings()),
    ],
)
def test_a_picture_tells_where_it_is_and_no_more_than_it_shows(
    picture: Callable[[], Image.Image], told: Surroundings
) -> None:
    assert surroundings_of(np.asarray(picture())) == told


@pytest.mark.parametrize("share", [0.5, 0.6, 0.65, 0.75, 0.9, 1.0])
def test_a_sky_is_no_water_however_far_down_it_reaches(share: float) -> None:
    picture = np.array(drawn.wide_sky(share))
    framed = picture.copy()
    framed[:20] = 12  # a roof's edge above the sky
    told = surroundings_of(picture)
    assert (told.sky, told.water, surroundings_of(framed).water) == (True, False, False)


@pytest.mark.parametrize("level", [0, 40, 128, 255])
def test_an_even_grey_tells_nothing(level: int) -> None:
    assert surroundings_of(np.full((48, 36, 3), level, np.uint8)) == Surroundings()


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 2)])
def test_a_tiny_or_thin_picture_can_be_looked_at(shape: tuple[int, int]) -> None:
    assert surroundings_of(np.full((*shape, 3), 90, np.uint8)).place == "unknown"


def test_a_scene_stored_without_surroundings_is_read_as_unknown() -> None:
    light = Light(brightness=0.5, contrast=0.5, warmth=0, colourfulness=0, edge_energy=0, sharpness=1)
    scene = Scene(
        width_px=3,
        height_px=4,
        subjects=(),
        palette=(Swatch(1, 2, 3, 1.0),),
        light=light,
        mood=Mood(0, 0),
        detail=DetailMap(1, 1, (0.0,), (0.0,)),
        caption="",
        seen_by="embedded",
    )
    plain = serialization.to_plain(scene)
    del plain["value"]["surroundings"]
    assert serialization.from_plain(plain) == scene
