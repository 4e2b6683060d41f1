"""Choose effects: over the whole film by its look, and per shot by the song's energy."""

from __future__ import annotations

import math

from auratune.core.options import LOOKS, FilmFormat
from auratune.core.scene import Scene
from auratune.core.storyboard import Effect
from auratune.film.editing.shot_sequence import Slot
from auratune.film.looks import LOOK_BOOK

FADE_IN_SECONDS = 0.8
FADE_OUT_SECONDS = 1.4
_PULSE_FROM = 0.55
_LETTERBOX_RATIO = 2.39
_BRIGHTEST_LIFTED, _DARKEST_BECOMES = 0.28, 0.22
"""Mean luma, 0 to 1: photos from the first on are left as they are, black ones become the second."""
_MOST_LIFT = 8.0

_PARTICLES = {
    "ambient-drift": "snow",
    "lo-fi": "dust",
    "synthwave": "bokeh",
    "cinematic-strings": "dust",
    "house": "bokeh",
    "piano-ballad": "rain",
    "indie-folk": "dust",
}
"""By music style; none for `bossa`."""


def look_of(wanted: str) -> str:
    """A look that exists: the wanted one, or `natural`."""
    return wanted if wanted in LOOKS else "natural"


def film_effects(scene: Scene, look: str, style: str, form: FilmFormat, frame_count: int) -> tuple[Effect, ...]:
    """Effects over the whole film, in the order in which they are applied."""
    light = scene.light
    # A night photo carries a little less grade and grain, or its shadows turn to mud; a flat white one no bloom.
    dark = max(0.0, 0.25 - light.brightness) / 0.25
    effects = []
    if light.brightness < _BRIGHTEST_LIFTED:
        effects.append(Effect("lift", {"gain": lift_for(light.brightness)}))
    effects.append(Effect("grade", {"look": look, "amount": round(1.0 - 0.06 * dark, 3)}))
    bloom = LOOK_BOOK[look].bloom * (1.0 - min(1.0, 2.5 * light.clipped_highlights))
    if bloom > 0.03:
        effects.append(Effect("bloom", {"amount": round(bloom, 3)}))
    # White corners turn grey under a vignette, so a photo with a blown-out sky gets less of it.
    white = min(1.0, 4.0 * light.clipped_highlights)
    effects.append(
        Effect("vignette", {"amount": round(LOOK_BOOK[look].vignette * (1.0 - 0.5 * dark) * (1.0 - 0.5 * white), 3)})
    )
    effects.append(Effect("grain", {"sigma": round(LOOK_BOOK[look].grain * (1.0 - 0.4 * dark), 3)}))
    if LOOK_BOOK[look].weave:
        effects.append(Effect("gate_weave", {"amount": LOOK_BOOK[look].weave}))
    particles = particles_for(scene, style)
    if particles:
        effects.append(Effect("particles", {"kind": particles, "density": 0.4}))
    if form.letterbox:
        effects.append(Effect("letterbox", {"ratio": _LETTERBOX_RATIO}))
    longest = frame_count // 5
    effects.append(Effect("fade_in", {"frames": min(longest, round(FADE_IN_SECONDS * form.fps))}))
    effects.append(Effect("fade_out", {"frames": min(longest, round(FADE_OUT_SECONDS * form.fps))}))
    return tuple(effects)


def lift_for(brightness: float) -> float:
    """The gain of shadows for a photo of this mean luma, 1 for none: dark becomes dim, and night stays night."""
    if brightness >= _BRIGHTEST_LIFTED:
        return 1.0
    target = _DARKEST_BECOMES + (1 - _DARKEST_BECOMES / _BRIGHTEST_LIFTED) * brightness
    # `lift` draws 1 - (1 - x) ** gain.
    return round(min(_MOST_LIFT, math.log(1 - target) / math.log(1 - max(0.004, brightness))), 3)


def particles_for(scene: Scene, style: str) -> str:
    """What is in the air: by the style of the music, where the light of the photo allows it; empty for nothing."""
    kind, light = _PARTICLES.get(style, ""), scene.light
    if kind == "rain" and (light.brightness > 0.4 or light.warmth > 0.0):
        return "dust"
    if kind == "snow" and (light.warmth > -0.05 or light.brightness < 0.3):
        return "dust"
    # Light dots vanish on white, and grain is enough on a picture without sharpness.
    return "" if light.brightness > 0.75 else kind


def letterbox_bar(form: FilmFormat, width_px: int, height_px: int) -> float:
    """Share of the frame's height that each of the two bars covers; 0 where there are none."""
    if not form.letterbox:
        return 0.0
    return max(0.0, 0.5 * (1.0 - width_px / height_px / _LETTERBOX_RATIO))


def shot_effects(slot: Slot, confidence: float) -> tuple[Effect, ...]:
    """Effects of one shot: a gentle pulse on the beat where the song is loud and the beat is sure."""
    if slot.energy < _PULSE_FROM or confidence < 0.5:
        return ()
    loud = (slot.energy - _PULSE_FROM) / (1.0 - _PULSE_FROM)
    kind = "scale" if slot.section == "chorus" else "exposure"
    return (
        Effect("beat_pulse", {"amount": round((0.012 if kind == "scale" else 0.02) * (0.5 + loud), 4), "kind": kind}),
    )
