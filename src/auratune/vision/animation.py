"""Chooses the frame of an animation that the film is made of: the first that shows something."""

from __future__ import annotations

from PIL import Image, ImageStat

from auratune.core.errors import InvalidPhoto

_MOST_FRAMES = 48
_MOST_MEGAPIXELS = 240
"""Megapixels that are decoded in search of the frame."""
_MOST_FRAME_PIXELS = 40_000_000
_SMALL = (64, 64)
_LEAST_CONTRAST = 8.0
"""Standard deviation in levels of 255: below it a frame is one plain colour."""
_PLENTY_OF_CONTRAST = 40.0
_FADED_IN = 0.85


def show_first_picture(image: Image.Image) -> None:
    """Go to the first frame that is more than one plain colour; to the first of all where none is.

    MPO is left alone: its other pictures are views of the same one.
    """
    frames = getattr(image, "n_frames", 1)
    if frames < 2 or image.format in {"MPO", "JPEG"}:
        return
    affordable = int(_MOST_MEGAPIXELS * 1_000_000 / (image.width * image.height))
    contrasts: list[float] = []
    try:
        for number in range(min(frames, _MOST_FRAMES, max(1, affordable))):
            _go_to(image, number)
            contrasts.append(_contrast(image))
            if contrasts[-1] >= _PLENTY_OF_CONTRAST:
                break
    except (OSError, SyntaxError, ValueError, EOFError):
        # What comes later is broken: the first picture is what others show of such a file.
        contrasts = contrasts or [0.0]
    best = max(contrasts)
    # A picture that fades in is taken when most of it is there.
    shown = next((n for n, contrast in enumerate(contrasts) if contrast >= best * _FADED_IN), 0)
    image.seek(shown if best >= _LEAST_CONTRAST else 0)


def _go_to(image: Image.Image, number: int) -> None:
    """Go to a frame. Frames may be larger than the animation; `InvalidPhoto` for one of too many pixels."""
    image.seek(number)
    if image.width * image.height > _MOST_FRAME_PIXELS:
        raise InvalidPhoto("A frame of the animation has too many pixels.", code="photo_too_many_pixels")


def _contrast(image: Image.Image) -> float:
    small = image.convert("RGBA").resize(_SMALL, Image.Resampling.BOX)
    return max(ImageStat.Stat(small).stddev)
