"""Grade: applies a look of `film/looks` to the photo once."""

from __future__ import annotations

from dataclasses import dataclass

from auratune.film.effects.base import FilmEffect
from auratune.film.looks import LOOK_BOOK
from auratune.film.looks.grading import grade
from auratune.film.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Grade(FilmEffect):
    """`look` is a name of the look book, anything else being `natural`; `amount` mixes it in, 0 to 1."""

    look: str = "natural"
    amount: float = 1.0

    def on_source(self, picture: Pixels) -> Pixels:
        """The photo in the look."""
        return grade(picture, LOOK_BOOK.get(self.look, LOOK_BOOK["natural"]), min(1.0, max(0.0, self.amount)))
