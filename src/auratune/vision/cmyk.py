"""Converts CMYK without a profile to RGB as a press would print it. Imported only for such pictures: it has numpy.

The polynomial approximates the profile US Web Coated (SWOP) and comes from Mozilla's PDF.js (Apache License 2.0).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_STRIP_ROWS = 128
# Rows: red, green, blue. Columns: c2, cm, cy, ck, c, m2, my, mk, m, y2, yk, y, k2, k.
_WEIGHTS = np.fromstring(
    """
    -4.38733 54.48615 18.82291 212.25662 -285.23310 1.71498 -5.60967 -17.87387 -5.49701 -2.52173 -21.24892 17.51193
    -21.86122 -189.48181
    8.84104 60.11803 6.87143 31.15910 -79.29708 -15.31036 17.57525 131.35251 -190.94533 4.44434 9.86329 -24.86742
    -20.73733 -187.80454
    0.88425 8.07868 30.89978 -0.23883 -14.18358 10.49593 63.02378 50.60696 -112.23884 0.03296 115.60384 -193.58209
    -22.33817 -180.12614
    """,
    np.float32,
    sep=" ",
).reshape(3, 14)


def to_rgb(image: Image.Image) -> Image.Image:
    """A CMYK image (0 is no ink) as RGB."""
    target = Image.new("RGB", image.size)
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(image.height, top + _STRIP_ROWS)))
        c, m, y, k = np.moveaxis(np.asarray(strip, np.float32) / 255, -1, 0)
        terms = np.stack([c * c, c * m, c * y, c * k, c, m * m, m * y, m * k, m, y * y, y * k, y, k * k, k], axis=-1)
        colours = 255 + terms @ _WEIGHTS.T
        target.paste(Image.fromarray(np.rint(colours).clip(0, 255).astype(np.uint8)), (0, top))
    return target
