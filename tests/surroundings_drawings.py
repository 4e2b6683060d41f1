"""Places drawn for tests: each with what tells indoors from outdoors, day from night, and the season."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (360, 480)


def dark_hall() -> Image.Image:
    """Brown walls in dim light, a row of columns, a dark floor, and no window."""
    image = Image.new("RGB", SIZE, (52, 42, 34))
    draw = ImageDraw.Draw(image)
    for x in range(20, 360, 80):
        draw.rectangle((x, 60, x + 26, 380), fill=(84, 68, 54))
    draw.rectangle((0, 380, 360, 480), fill=(38, 30, 26))
    return image


def lit_hall() -> Image.Image:
    """The hall with lamps under its ceiling."""
    image = Image.new("RGB", SIZE, (112, 92, 70))
    draw = ImageDraw.Draw(image)
    for x in range(20, 360, 80):
        draw.rectangle((x, 60, x + 26, 380), fill=(150, 126, 98))
        draw.rectangle((x + 36, 40, x + 58, 62), fill=(255, 244, 214))
    draw.rectangle((0, 380, 360, 480), fill=(70, 54, 44))
    return image


def beach() -> Image.Image:
    """Blue sky with a cloud, a band of blue water, and sand."""
    image = _graded((70, 140, 230), (170, 210, 245), 210)
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 170, 90), fill=(250, 250, 250))
    draw.rectangle((0, 210, 360, 370), fill=(30, 105, 160))
    draw.rectangle((0, 370, 360, 480), fill=(226, 202, 150))
    return image


def river() -> Image.Image:
    """Blue sky with a cloud, a dark shore, and smooth water of a dull green."""
    image = _graded((70, 140, 230), (170, 210, 245), 230)
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 170, 90), fill=(250, 250, 250))
    draw.rectangle((0, 225, 360, 260), fill=(36, 40, 34))
    draw.rectangle((0, 260, 360, 480), fill=(72, 83, 78))
    return image


def wide_sky(share: float = 0.75) -> Image.Image:
    """Blue sky with a bank of clouds over most of the picture, and dry fields below."""
    end = round(share * SIZE[1])
    image = _graded((70, 140, 230), (160, 205, 242), end)
    draw = ImageDraw.Draw(image)
    for x in range(-30, 360, 45):
        draw.ellipse((x, 0.3 * end, x + 80, 0.45 * end + x % 4 * 9), fill=(226, 233, 245))
    draw.rectangle((0, end, 360, 480), fill=(150, 130, 70))
    return image


def hazy_sea() -> Image.Image:
    """The sky of the beach over a pale sea, with a soft horizon a little out of level."""
    image = _graded((70, 140, 230), (160, 205, 242), 290)
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 170, 90), fill=(250, 250, 250))
    draw.polygon(((0, 237), (360, 243), (360, 480), (0, 480)), fill=(120, 165, 200))
    return image.filter(ImageFilter.GaussianBlur(1))


def lake() -> Image.Image:
    """The sky of the river, a ragged line of firs, and water as light as the sky."""
    image = _graded((70, 140, 230), (120, 175, 238), 480)
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 170, 90), fill=(250, 250, 250))
    for x in range(-20, 360, 20):
        draw.polygon(((x, 270), (x + 20, 170 + x * 7 % 30), (x + 40, 270)), fill=(30, 46, 40))
    return image


def paved_square() -> Image.Image:
    """The sky of the river over slabs of the river's colour with joints."""
    image = river()
    draw = ImageDraw.Draw(image)
    for y in range(264, 480, 8):
        draw.line((0, y, 360, y), fill=(40, 46, 42), width=2)
    return image


def night_street() -> Image.Image:
    """Black sky over dark houses with lit windows and a lamp's pool on the street."""
    image = Image.new("RGB", SIZE, (7, 8, 13))
    draw = ImageDraw.Draw(image)
    chance = random.Random(3)
    draw.rectangle((0, 190, 360, 380), fill=(18, 18, 24))
    for _ in range(22):
        x, y = chance.randrange(350), chance.randrange(200, 360)
        draw.rectangle((x, y, x + 8, y + 12), fill=(255, 214, 130))
    draw.ellipse((120, 400, 260, 450), fill=(90, 76, 50))
    return image


def forest() -> Image.Image:
    """Leaves in many greens and some trunks, with no sky."""
    image = Image.new("RGB", SIZE, (52, 84, 36))
    draw = ImageDraw.Draw(image)
    chance = random.Random(5)
    for _ in range(2600):
        x, y, light = chance.randrange(360), chance.randrange(480), chance.uniform(0.5, 1.8)
        draw.ellipse((x, y, x + 9, y + 7), fill=(int(62 * light), int(100 * light), int(40 * light)))
    for x in (60, 190, 300):
        draw.rectangle((x, 0, x + 18, 480), fill=(66, 50, 38))
    return image


def pot_plant() -> Image.Image:
    """The lit hall with a plant in a corner."""
    image = lit_hall()
    _leaves(image, (110, 190, 250, 400), 900)
    return image


def salad() -> Image.Image:
    """Leaves on a white plate on a wooden table, from above."""
    image = Image.new("RGB", SIZE, (150, 120, 90))
    ImageDraw.Draw(image).ellipse((40, 100, 320, 380), fill=(240, 240, 236))
    _leaves(image, (90, 150, 260, 320), 1500)
    return image


def _leaves(image: Image.Image, within: tuple[int, int, int, int], count: int) -> None:
    draw, chance = ImageDraw.Draw(image), random.Random(1)
    for _ in range(count):
        x, y = chance.randrange(within[0], within[2]), chance.randrange(within[1], within[3])
        green = chance.randrange(70, 180)
        draw.ellipse((x, y, x + 9, y + 6), fill=(green * 6 // 10, green, green // 3))


def snow() -> Image.Image:
    """A pale blue sky with clouds, a dark line of firs, and white ground."""
    image = _graded((120, 170, 225), (205, 222, 240), 200)
    draw = ImageDraw.Draw(image)
    draw.ellipse((180, 30, 340, 80), fill=(250, 250, 252))
    draw.rectangle((0, 190, 360, 240), fill=(40, 52, 48))
    draw.rectangle((0, 240, 360, 480), fill=(240, 243, 246))
    return image.filter(ImageFilter.GaussianBlur(1))


def blue_room() -> Image.Image:
    """A room with light blue walls, a white ceiling lamp and a brown floor."""
    image = Image.new("RGB", SIZE, (150, 185, 215))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 340, 360, 480), fill=(120, 90, 60))
    draw.rectangle((170, 30, 190, 40), fill=(255, 252, 240))
    return image


def green_wall() -> Image.Image:
    """A wall painted green."""
    return Image.new("RGB", SIZE, (90, 140, 80))


def white_hall() -> Image.Image:
    """A white ceiling, white walls and a white floor, in daylight tubes."""
    image = Image.new("RGB", SIZE, (236, 236, 234))
    ImageDraw.Draw(image).rectangle((0, 300, 360, 480), fill=(224, 224, 222))
    return image


def _graded(above: tuple[int, int, int], below: tuple[int, int, int], end: int) -> Image.Image:
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(end):
        share = y / end
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(above, below, strict=True))
        draw.line((0, y, SIZE[0], y), fill=(red, green, blue))
    return image
