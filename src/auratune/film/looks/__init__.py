"""Looks, one file each."""

from __future__ import annotations

from auratune.film.looks import (
    bleach_bypass,
    film_print,
    golden,
    infrared,
    natural,
    noir,
    pastel,
    super_8,
    teal_night,
    vivid,
)
from auratune.film.looks.base import Look

LOOK_BOOK: dict[str, Look] = {
    "natural": natural.LOOK,
    "golden": golden.LOOK,
    "noir": noir.LOOK,
    "teal-night": teal_night.LOOK,
    "pastel": pastel.LOOK,
    "film-print": film_print.LOOK,
    "vivid": vivid.LOOK,
    "bleach-bypass": bleach_bypass.LOOK,
    "infrared": infrared.LOOK,
    "super-8": super_8.LOOK,
}
