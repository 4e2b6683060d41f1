"""The shape of a model's answer, as the schema that is sent and as the model that checks what comes back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from auratune.core.options import LOOKS, MUSIC_STYLES

SubjectName = Literal["face", "person", "thing"]
SectionName = Literal["intro", "verse", "chorus", "bridge", "outro"]
Look = Literal[
    "natural", "golden", "noir", "teal-night", "pastel", "film-print", "vivid", "bleach-bypass", "infrared", "super-8"
]
Style = Literal[
    "ambient-drift",
    "lo-fi",
    "indie-folk",
    "synthwave",
    "cinematic-strings",
    "house",
    "piano-ballad",
    "bossa",
]


def _whole(value: Any) -> Any:
    return round(value) if isinstance(value, float) and abs(value) < 1e9 else value


Coordinate = Annotated[int, BeforeValidator(_whole)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, strict=False)


class SeenSubject(_Part):
    """Something in the photo that deserves a close-up."""

    kind: SubjectName
    label: str = Field(description="One to three words, such as 'girl in red' or 'bicycle'")
    left: Coordinate = Field(description="Left edge, in the unit that the message names")
    top: Coordinate = Field(description="Upper edge, in the same unit")
    right: Coordinate = Field(description="Right edge, greater than left")
    bottom: Coordinate = Field(description="Lower edge, greater than top")
    importance: float = Field(description="0 to 1: how much the film should dwell on it")


class WrittenLine(_Part):
    """One line of the lyrics."""

    section: SectionName
    text: str = Field(description="Three to nine words that sing well; no section names, no stage directions")


class Answer(_Part):
    """Everything that one look at the photo brings."""

    caption: str = Field(description="One plain sentence: what the photo shows. At most 140 characters")
    subjects: list[SeenSubject] = Field(description="One to six, most important first, tightly boxed")
    valence: float = Field(description="Mood from -1 (sad) to 1 (glad)")
    arousal: float = Field(description="Mood from 0 (calm) to 1 (excited)")
    title: str = Field(description="Song title, one to five words")
    lyrics: list[WrittenLine] = Field(description="Six to ten lines")
    look: Look = Field(description="The colour grade that suits the photo's own light")
    mood_arc: str = Field(description="One sentence: how the mood goes from the first shot to the last")
    style: Style = Field(description="The nearest of our own music styles")
    genre_tags: list[str] = Field(
        description="Three to six short tags: genre, mood, instruments, kind of voice; never a name of anyone"
    )
    tempo_low_bpm: float = Field(description="Slowest fitting tempo, 55 to 170")
    tempo_high_bpm: float = Field(description="Fastest fitting tempo, at most 20 above the slowest")
    key: str = Field(description="Musical key, such as 'D minor'")
    energy_curve: list[float] = Field(description="Eight values from 0 to 1: energy over the film, at equal distances")


assert Look.__args__ == LOOKS, "the schema must offer the looks that there are"  # type: ignore[attr-defined]
assert Style.__args__ == MUSIC_STYLES, "the schema must offer the styles that there are"  # type: ignore[attr-defined]
