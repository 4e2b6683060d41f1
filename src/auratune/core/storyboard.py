"""The plan of a film: complete before the first frame is drawn, and JSON through and through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from auratune.core.beat_grid import BeatGrid
from auratune.core.geometry import Box
from auratune.core.options import AudioCodec, Captions

TypeRole = Literal["title", "lyric", "end"]
Setting = float | str | bool


@dataclass(frozen=True, slots=True)
class Framing:
    """What the camera sees: the centre and width of its window, in fractions of the photo's width and height.

    The window's height follows from the film's aspect. A width of 1 shows the photo's full width.
    """

    centre_x: float
    centre_y: float
    width: float


@dataclass(frozen=True, slots=True)
class Move:
    """A camera move from one framing to another, by its name in `film/moves`."""

    name: str
    start: Framing
    end: Framing
    settings: dict[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect by its name in `film/effects`."""

    name: str
    settings: dict[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transition:
    """How a shot gives way to the next, by its name in `film/transitions`; centred on the shot's end."""

    name: str = "cut"
    frames: int = 0
    """Whole length in frames, half of it on either side of the boundary; 0 for a cut."""
    settings: dict[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot: frames `first_frame` up to but not including `end_frame`."""

    first_frame: int
    end_frame: int
    subject: str
    """What it frames, in a word: `wide`, `face`, `person`, `region 2`…"""
    move: Move
    effects: tuple[Effect, ...] = ()
    transition: Transition = field(default_factory=Transition)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCue:
    """Words on the picture: what, when, and where in the frame."""

    role: TypeRole
    text: str
    first_frame: int
    end_frame: int
    box: Box
    """In fractions of the film's frame, inside the title-safe area."""
    timing: Literal["sung", "estimated", "none"] = "none"
    shade: float = 0.0
    """How dark a soft shade the words need behind them to be read, 0 to 1: by how bright the picture is there."""
    behind: bool = False
    """Whether the words stand behind the photo's subject."""
    style: str = "plain"
    """A type style by its name in `film/typography/type_styles.py`."""
    reveal: str = "fade"
    """How the words come in, by its name in `film/typography/reveals.py`."""
    reveal_frames: int = 0
    word_frames: tuple[int, ...] = ()
    """The frame in which each word is sung, where that is known: the words then come in one by one."""
    fade_frames: int = 8
    """How many frames the words take to come, and to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """`Shot`s that cover the film with no gap, the words on it, and the grid it was cut to."""

    width_px: int
    height_px: int
    fps: int
    frame_count: int
    seed: int
    title: str
    look: str
    shots: tuple[Shot, ...]
    cues: tuple[TypeCue, ...]
    """Words drawn on the picture."""
    captions: tuple[TypeCue, ...]
    """All lyric lines with their times, drawn or not: the source of WebVTT and LRC."""
    effects: tuple[Effect, ...]
    """Over the whole film: grade, vignette, grain, fades…"""
    beats: BeatGrid
    tilt_degrees: float = 0.0
    """The photo is turned clockwise by this and cropped before anything else; framings are of the turned picture."""
    mask_key: str = ""
    """Store key of the subject's mask, where the film uses it; empty where it does not."""
    subject_lift: float = 0.0
    """How far a subject in the shade is brightened, 0 to 1."""
    captions_mode: Captions = "burned"
    audio_codec: AudioCodec = "aac"

    @property
    def length_seconds(self) -> float:
        """Length of the film."""
        return self.frame_count / self.fps
