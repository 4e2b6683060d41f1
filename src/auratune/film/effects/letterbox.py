"""Letterbox: black bars that leave a wide picture open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime


@dataclass(frozen=True, slots=True)
class Letterbox(FilmEffect):
    """`ratio` is the width over the height of what stays open."""

    ratio: float = 2.39

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """Keeps the wider of two ratios."""
        del time
        return replace(post, letterbox=max(post.letterbox, self.ratio))
