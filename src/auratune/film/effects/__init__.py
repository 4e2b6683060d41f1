"""Effects, one file each. An effect is a frozen dataclass: its fields are its settings, its methods what it does."""

from __future__ import annotations

from auratune.film.effects.base import FilmEffect
from auratune.film.effects.beat_pulse import BeatPulse
from auratune.film.effects.bloom import Bloom
from auratune.film.effects.fade_in import FadeIn
from auratune.film.effects.fade_out import FadeOut
from auratune.film.effects.gate_weave import GateWeave
from auratune.film.effects.grade import Grade
from auratune.film.effects.grain import Grain
from auratune.film.effects.letterbox import Letterbox
from auratune.film.effects.lift import Lift
from auratune.film.effects.particles import Particles
from auratune.film.effects.vignette import Vignette

EFFECTS: dict[str, type[FilmEffect]] = {
    "lift": Lift,
    "grade": Grade,
    "bloom": Bloom,
    "vignette": Vignette,
    "grain": Grain,
    "letterbox": Letterbox,
    "beat_pulse": BeatPulse,
    "particles": Particles,
    "gate_weave": GateWeave,
    "fade_in": FadeIn,
    "fade_out": FadeOut,
}
