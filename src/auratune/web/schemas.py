"""The API's responses as models: they are checked, and described in the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_ID = "0b7e1f5e-6f0a-4b5e-9a51-0d1c6a3f2b11"

_FIRST_CUT = "The film that can be watched has built-in music, and is replaced when the vendor's song is there"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class UploadResponse(BaseModel):
    """A photo was accepted; its film is being made."""

    model_config = _example(
        task_id=_ID,
        status="uploaded",
        message="Your photo has arrived; the film is on its way.",
        status_url=f"/photos/{_ID}/status",
        download_url=f"/photos/{_ID}/download",
        share_url="http://localhost:8000/s/WyIwYjdl…",
    )

    task_id: str
    status: str = "uploaded"
    message: str
    status_url: str
    download_url: str
    share_url: str = Field(description="Shows progress, then the film, to whoever has it; for one to two months")
    duplicate: bool | None = Field(None, description="True when the same photo had been accepted before")


class StatusResponse(BaseModel):
    """How far a task is."""

    model_config = _example(
        task_id=_ID,
        status="converting",
        progress=62,
        message="Drawing the film",
        error_message=None,
        stage="render",
        error_code=None,
        retryable=False,
        eta_seconds=11.5,
        notices=["Suno was busy; the built-in composer made the music."],
        updated_at="2026-05-04T09:30:12Z",
        first_cut=False,
    )

    task_id: str
    status: str = Field(description="uploaded, generating, converting, merging, done, error, cancelled or expired")
    progress: int = Field(ge=0, le=100)
    message: str
    error_message: str | None
    stage: str
    error_code: str | None
    retryable: bool
    eta_seconds: float | None
    notices: list[str]
    updated_at: datetime
    first_cut: bool = Field(description=_FIRST_CUT)


class ReceiptLine(BaseModel):
    """One call to a vendor that may have cost something."""

    vendor: str
    purpose: str
    state: str
    attempt: int
    units: dict[str, float] = Field(description="What the vendor told: tokens, credits, usd")
    at: datetime | None


class LibraryEntry(BaseModel):
    """One film, finished or not."""

    model_config = _example(
        task_id=_ID,
        filename="Harbour of Amber Light.mp4",
        file_size=9_437_184,
        file_size_mb=9.0,
        created_at="2026-05-04T09:29:40Z",
        modified_at="2026-05-04T09:30:22Z",
        status="done",
        progress=100,
        stage="finished",
        title="Harbour of Amber Light",
        caption="A bright scene in warm colours",
        lyrics="The morning leans on the window\nand everything is gold",
        style="golden",
        made_from=None,
        first_cut=False,
        duration_seconds=30.0,
        width=1080,
        height=1440,
        words_by="embedded",
        music_by="embedded",
        notices=[],
        download_url=f"/photos/{_ID}/download",
        poster_url=f"/photos/{_ID}/poster",
        status_url=f"/photos/{_ID}/status",
        share_url="http://localhost:8000/s/WyIwYjdl…",
        eta_seconds=None,
        receipt=[],
        message="Your film is ready.",
        error_message=None,
        error_code=None,
        retryable=False,
    )

    task_id: str
    filename: str
    file_size: int = Field(description="Bytes")
    file_size_mb: float
    created_at: datetime
    modified_at: datetime
    status: str
    progress: int
    stage: str
    title: str
    caption: str
    lyrics: str
    style: str
    made_from: str | None = Field(description="Of a remake, the `task_id` of the film that it was first made from")
    first_cut: bool = Field(description=_FIRST_CUT)
    duration_seconds: float | None
    width: int | None
    height: int | None
    words_by: str
    music_by: str
    notices: list[str]
    download_url: str
    poster_url: str
    status_url: str
    share_url: str = Field(description="Shows progress, then the film, to whoever has it; for one to two months")
    eta_seconds: float | None
    receipt: list[ReceiptLine]
    message: str
    error_message: str | None
    error_code: str | None
    retryable: bool


class LibraryPage(BaseModel):
    """Films, newest first."""

    videos: list[LibraryEntry]
    total_count: int
    total_size_mb: float
    oldest_at: datetime | None = Field(description="When the oldest photo of all that match was sent")
    next: str | None = Field(description="Pass it as `cursor` for the next page; null on the last")


class EventResponse(BaseModel):
    """Something that happened to a task."""

    sequence: int
    task_id: str
    at: datetime
    status: str
    stage: str
    progress: int
    message: str


class DeliveryResponse(BaseModel):
    """How the end of the film is told to the address that the upload named."""

    webhook_id: str = Field(description="The same at every try")
    event: str = Field(description="film.done, film.failed or film.cancelled")
    state: str = Field(description="waiting, delivered or given_up")
    tries: int
    http_status: int | None = Field(description="What the address answered last")
    error: str | None = Field(description="http_error, unreachable, timed_out, unsafe_address, …")
    created_at: datetime
    next_try_at: datetime | None
    delivered_at: datetime | None


class DetailsResponse(LibraryEntry):
    """Everything about one task; parts are null until their stage is done."""

    model_config = ConfigDict()

    soundtrack_url: str
    captions_url: str
    events_url: str
    preview_url: str | None = Field(description="Streams the film, or a first cut, while it is drawn; else null")
    options: dict[str, Any] = Field(description="What was asked for along with the photo")
    scene: dict[str, Any] | None
    treatment: dict[str, Any] | None
    beats: dict[str, Any] | None
    storyboard: dict[str, Any] | None
    timings: dict[str, float] = Field(description="Seconds that each stage took")
    events: list[EventResponse]
    deliveries: list[DeliveryResponse] = Field(description="Webhooks of this film")


class ShareResponse(BaseModel):
    """A link that shows one film to whoever has it."""

    model_config = _example(
        share_id="9b1f0c5e7a2d4c3fb8e6d1a2c3b4d5e6",
        url="http://localhost:8000/s/Cn4f…",
        phone_url="http://192.168.1.20:8000/s/Cn4f…",
        qr_url="/s/Cn4f…/qr.svg",
        created_at="2026-04-11T09:30:22Z",
        expires_at="2026-05-11T09:30:22Z",
    )

    share_id: str = Field(description="Names the link when it is revoked; `own` for the film's own one")
    url: str
    phone_url: str | None = Field(description="The link as a phone in the same network opens it, if it can")
    qr_url: str | None = Field(description="A QR code of `phone_url` as SVG")
    created_at: datetime
    expires_at: datetime


class SharesResponse(BaseModel):
    """Every share link of a film that is valid: first its own one, which is `share_url`, then those made on request."""

    shares: list[ShareResponse]


class ServiceInfo(BaseModel):
    """The service is there."""

    message: str
    status: str
    version: str
    total_tasks: int
    active_tasks: int
    max_concurrent: int


class Problem(BaseModel):
    """What went wrong, after RFC 9457."""

    model_config = _example(
        type="/docs#photo_empty",
        title="Bad Request",
        status=400,
        detail="The photo is empty (0 bytes); send one with a picture in it.",
        code="photo_empty",
        retryable=False,
        request_id="5c7d0f2be6f94a6f8b0f6d1d5c3e2a10",
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    request_id: str
    task_id: str | None = None
