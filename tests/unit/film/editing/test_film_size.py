"""The size of the film."""

from __future__ import annotations

import pytest
from tests.stories import a_scene

from auratune.core.options import FilmFormat
from auratune.film.editing.film_size import film_size


@pytest.mark.parametrize(
    ("photo", "form", "film"),
    [
        ((1080, 1440), FilmFormat(), (1080, 1440)),
        ((4000, 3000), FilmFormat(), (1440, 1080)),
        ((4032, 3024), FilmFormat(aspect="16:9"), (1920, 1080)),
        ((4032, 3024), FilmFormat(aspect="9:16"), (1080, 1920)),
        ((4032, 3024), FilmFormat(aspect="1:1"), (1080, 1080)),
        ((3000, 3000), FilmFormat(), (1080, 1080)),
        ((800, 600), FilmFormat(), (1000, 750)),
        ((120, 90), FilmFormat(), (480, 360)),
        ((1080, 1440), FilmFormat(aspect="16:9"), (1350, 760)),
        ((9000, 1500), FilmFormat(), (1920, 804)),
        ((1500, 9000), FilmFormat(), (804, 1920)),
        ((320, 240), FilmFormat(short_edge_px=160), (214, 160)),
    ],
)
def test_the_film_is_as_large_as_the_photo_bears(photo, form, film) -> None:
    assert film_size(a_scene(*photo), form) == film
