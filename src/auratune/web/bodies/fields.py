"""The names under which clients send a photo, and how much they may send beside it."""

from __future__ import annotations

from auratune.web.errors import BadBody

PHOTO_FIELDS = ("photo", "image", "photo_base64", "image_base64", "photo_data", "image_data", "data")
"""In JSON."""
FILE_FIELDS = ("file", "photo", "image")
"""In a form."""
MOST_OPTION_BYTES = 64 * 1024


def two_photos() -> BadBody:
    """What to say to more than one photo."""
    return BadBody("Send one photo at a time; this body holds two.", code="more_than_one_photo")
