"""Effects, one file each. An effect is a frozen dataclass: its fields are its settings, its methods what it does."""

from __future__ import annotations

import dataclasses

from auratune.core.errors import RenderError
from auratune.core.storyboard import Effect
from auratune.film.effects.base import FilmEffect
from auratune.film.effects.beat_pulse import BeatPulse
from auratune.film.effects.bloom import Bloom
from auratune.film.effects.fade_in import FadeIn
from auratune.film.effects.fade_out import FadeOut
from auratune.film.effects.grade import Grade
from auratune.film.effects.grain import Grain
from auratune.film.effects.letterbox import Letterbox
from auratune.film.effects.vignette import Vignette

EFFECTS: dict[str, type[FilmEffect]] = {
    "grade": Grade,
    "bloom": Bloom,
    "vignette": Vignette,
    "grain": Grain,
    "letterbox": Letterbox,
    "beat_pulse": BeatPulse,
    "fade_in": FadeIn,
    "fade_out": FadeOut,
}


def effect_of(effect: Effect) -> FilmEffect:
    """The effect that a storyboard names, with its settings. Raises `RenderError` for an unknown name or setting."""
    kind = EFFECTS.get(effect.name)
    if kind is None:
        raise RenderError(f"There is no effect called {effect.name!r}.", code="unknown_effect")
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(effect.settings) - known)
    if unknown:
        raise RenderError(f"The effect {effect.name!r} has no setting {unknown[0]!r}.", code="unknown_setting")
    return kind(**effect.settings)
