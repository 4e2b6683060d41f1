"""Letterbox: black bars that leave a wide picture open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auratune.film.effects.base import FilmEffect, PostSettings

if TYPE_CHECKING:
    from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class Letterbox(FilmEffect):
    """`ratio` is the width over the height of what stays open."""

    ratio: float = 2.39

    def on_finish(self, finish: PostSettings, moment: FrameTime) -> PostSettings:
        """The wider of two letterboxes wins."""
        del moment
        return replace(finish, letterbox=max(finish.letterbox, self.ratio))
