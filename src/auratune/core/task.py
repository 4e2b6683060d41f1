"""One photo on its way to a film, as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from auratune.core.beat_grid import BeatGrid
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.core.storyboard import Storyboard
from auratune.core.treatment import Treatment


class Stage(StrEnum):
    """Where the work stands. New stages may appear; clients should show what they do not know as it is."""

    QUEUED = "queued"
    ANALYZE = "observe"
    WRITE = "write"
    ORDER = "order"
    COMPOSE = "compose"
    LISTEN = "listen"
    PLAN = "plan"
    RENDER = "render"
    FINISHED = "finished"


class Status(StrEnum):
    """The coarse state that every client understands."""

    UPLOADED = "uploaded"
    """Accepted and safely on disk; waits for its turn."""
    GENERATING = "generating"
    """Looking, writing, composing."""
    CONVERTING = "converting"
    """Drawing the film."""
    MERGING = "merging"
    """Joining sound and picture."""
    DONE = "done"
    ERROR = "error"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen by itself."""
        return self in {Status.DONE, Status.ERROR, Status.CANCELLED}


STAGE_SPANS: dict[Stage, tuple[int, int]] = {
    Stage.QUEUED: (0, 2),
    Stage.ANALYZE: (2, 8),
    Stage.WRITE: (8, 14),
    Stage.ORDER: (14, 18),
    Stage.COMPOSE: (18, 40),
    Stage.LISTEN: (40, 43),
    Stage.PLAN: (43, 44),
    Stage.RENDER: (44, 100),
    Stage.FINISHED: (100, 100),
}
"""The part of the 0-100 progress that each stage covers."""

MERGING_FROM = 0.97
"""The fraction of the render stage from which sound and picture are being joined."""


def progress_of(stage: Stage, fraction: float) -> int:
    """Progress of the whole task, 0 to 100, for a fraction (0 to 1) of a stage; 100 is kept for the finished film."""
    low, high = STAGE_SPANS[stage]
    percent = int(low + (high - low) * min(1.0, max(0.0, fraction)))
    return percent if stage is Stage.FINISHED else min(99, percent)


def status_of(stage: Stage, fraction: float = 0.0) -> Status:
    """The coarse status of a task that is at a fraction (0 to 1) of a stage."""
    if stage is Stage.QUEUED:
        return Status.UPLOADED
    if stage is Stage.FINISHED:
        return Status.DONE
    if stage is Stage.RENDER:
        return Status.MERGING if fraction >= MERGING_FROM else Status.CONVERTING
    return Status.GENERATING


class PaidState(StrEnum):
    """What is known of a paid call."""

    INTENT = "intent"
    """About to be made, or made with an unknown outcome: never made again without a person's word."""
    DONE = "done"
    REFUSED = "refused"
    """The vendor's answer proves that nothing was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidCall:
    """One line of a receipt."""

    vendor: str
    purpose: str
    """`words` or `music`."""
    state: PaidState
    number: int
    """Counts this task's calls to this vendor, from 1."""
    attempt: int = 1
    """Which of the person's attempts this belongs to: 1 at first, one more each time they retry."""
    reference: str = ""
    """The vendor's id of what was made."""
    answer_key: str = ""
    """Where the store keeps the answer, if it is kept; named before the call is made."""
    units: dict[str, float] = field(default_factory=dict)
    """What the vendor told: `input_tokens`, `output_tokens`, `credits`, `usd`…"""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything a client may know about one task; a row of the task table."""

    task_id: str
    owner: str
    status: Status
    stage: Stage
    progress: int
    """0 to 100; never falls, but starts over when a person retries."""
    message: str
    created_at: datetime
    modified_at: datetime
    filename: str
    """A readable name that ends in .mp4."""
    photo: Photo
    options: Options
    made_from: str = ""
    """Id of the film that this is a remake of: the first one, also for a remake of a remake."""
    error_code: str = ""
    error_message: str = ""
    retryable: bool = False
    eta_seconds: float | None = None
    title: str = ""
    caption: str = ""
    lyrics: str = ""
    style: str = ""
    words_by: str = ""
    music_by: str = ""
    notices: tuple[str, ...] = ()
    duration_seconds: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    size_bytes: int = 0
    checksum: str = ""
    receipt: tuple[PaidCall, ...] = ()
    share_version: int = 0
    """Grows whenever the film's own share link is revoked."""
    first_cut: bool = False
    """True while the film that is there will be replaced by one with the song that was asked for elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A photo that has arrived whole, and what came with it; nothing about it is decided yet."""

    path: str
    """Where the bytes wait, on the same file system as the local store. Whoever accepts the upload removes them."""
    content_hash: str
    """sha256 of the bytes, in hex."""
    size_bytes: int
    owner: str
    """Name of the key that sent it; `local` where no keys are set."""
    filename: str = ""
    options: Options = field(default_factory=Options)
    allow_duplicate: bool = False
    idempotency_key: str = ""
    request_id: str = ""
    callback_url: str = ""
    """Where the end of the film is to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What became of an upload."""

    task_id: str
    duplicate: bool = False
    """True when the same bytes, or the same idempotency key, had been accepted before: this is that task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which of an owner's tasks are listed; what is empty does not narrow the list."""

    status: str = ""
    query: str = ""
    """Words that are all in title, caption or lyrics."""
    look: str = ""
    maker: str = ""
    """A vendor that made the words or the music."""
    month: str = ""
    """The month in which the photo was sent, such as `2026-05`, in UTC."""
    origin: str = ""
    """A task's id: that task and its remakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLink:
    """A link to one film that was made on request."""

    OWN: ClassVar[str] = "own"
    """Stands for the id of the link that every film has from the start."""

    link_id: str
    task_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A page of tasks, newest first."""

    tasks: tuple[Task, ...]
    total_count: int
    total_bytes: int
    oldest_at: datetime | None = None
    """When the oldest of all that match was sent."""
    next_cursor: str = ""
    """Empty on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How busy the service is."""

    total: int
    active: int
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """Something that happened to a task, in the order of `sequence`."""

    sequence: int
    task_id: str
    owner: str
    at: datetime
    status: Status
    stage: Stage
    progress: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """How the end of one attempt is told to an address."""

    webhook_id: str
    """The same at every try."""
    event: str
    """`film.done`, `film.failed` or `film.cancelled`."""
    state: str
    """`waiting`, `delivered` or `given_up`."""
    tries: int
    http_status: int
    """What the address answered last; 0 where there was no answer."""
    error: str
    """Code of what went wrong at the last try; empty for nothing."""
    created_at: datetime
    next_try_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetails:
    """A task with everything that its stages left behind; parts are None until their stage is done."""

    task: Task
    scene: Scene | None = None
    treatment: Treatment | None = None
    beats: BeatGrid | None = None
    storyboard: Storyboard | None = None
    stage_seconds: dict[str, float] = field(default_factory=dict)
    events: tuple[TaskEvent, ...] = ()
    deliveries: tuple[WebhookDelivery, ...] = ()
