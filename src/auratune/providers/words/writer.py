"""Vision model and songwriter in one: a single call to a language model sees the photo and writes for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from auratune.core.errors import AuraTuneError, ProviderInvalidResponse, ProviderRefused
from auratune.providers.http import outcome_unknown, timed_out
from auratune.providers.measuring import LIMITS, measure
from auratune.providers.pay_once import Receipt, buy, paid_already
from auratune.providers.saved_responses import find_response, save_response
from auratune.providers.waiting import start, wait_for, while_busy
from auratune.providers.words.answer_reading import BoxScale, adapted, read_answer, to_scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.core.context import StageContext
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene
    from auratune.core.treatment import Treatment
    from auratune.providers.vendor import OnRequest, Vendor

_ENCODE = "auratune.vision.thumbnail:encode_small"
Boxes = Literal["pixels", "thousandths", "none"]
"""How a model tells where something is: pixels of the picture it got, 0 to 1000, or not to be trusted."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is sent of a photo."""

    base64: str
    """A JPEG with pixels and nothing else."""
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    text: str
    """JSON in the form of `Answer`, as it came."""
    reference: str = "unnamed"
    units: dict[str, float] = field(default_factory=dict)


class LanguageModel(Protocol):
    """A vendor's model."""

    vendor: Vendor

    def prepare(self) -> None:
        """Load what takes time, while the picture is made ready."""
        ...

    def size_to_send(self, width_px: int, height_px: int) -> tuple[int, int]:
        """In which size the model wants a picture of this size."""
        ...

    @property
    def boxes(self) -> Boxes:
        """How the model tells where something is."""
        ...

    def request(self, picture: Picture, options: Options) -> dict[str, Any]:
        """The body of the call."""
        ...

    def send(self, request: dict[str, Any], receipt: Receipt) -> Reply:
        """Make the call; fill in the receipt as soon as the vendor has named its answer. Raises `ProviderError`."""
        ...


class ModelWriter:
    """`analyze` pays for scene and words together, and leaves the treatment in the scene for `write`."""

    def __init__(
        self, model: LanguageModel, *, deadline_seconds: float, on_request: OnRequest, most: int = 3, note: str = ""
    ) -> None:
        """`deadline_seconds` covers all tries of one photo; `note` tells a person what is waited for."""
        self.vendor = model.vendor
        self.name = model.vendor.name
        self._model = model
        self._deadline_seconds = deadline_seconds
        self._on_request = on_request
        self._most = most
        self._note = note

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """Measure the photo here, have it seen and written about there, and join both.

        The answer is kept: a task pays once, however often this stage runs. Raises
        `ProviderBusy`, `ProviderRefused`, `ProviderInvalidResponse`, `ProviderOutcomeUnknown`, `StorageError`,
        `SubprocessFailed`.
        """
        width, height = self._model.size_to_send(photo.width_px, photo.height_px)
        with context.store.fetch(photo.key) as path:
            measuring = start(lambda: measure(context, photo))
            text = self._saved_text(context) or self._ask(context, str(path), (width, height), options)
            measured = wait_for(context, measuring, LIMITS.wall_seconds)
        scale: BoxScale = {"pixels": (width, height), "thousandths": (1000, 1000), "none": None}[self._model.boxes]
        return to_scene(read_answer(text, self.vendor), measured, photo, options, self.vendor, scale)

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """The treatment that came with the scene, adapted to the options; asks nobody.

        Raises `ProviderRefused` for a scene that someone else has seen.
        """
        del context, photo
        if scene.draft is None:
            raise ProviderRefused(
                f"{self.vendor.title} has not seen this photo, so it has nothing to write.",
                provider=self.name,
                code="provider_no_draft",
            )
        return adapted(scene.draft, options)

    def _saved_text(self, context: StageContext) -> str:
        """The answer that this task has already paid for; empty where the model may be asked."""
        saved = find_response(context, self.vendor)
        done = paid_already(context, self.vendor)
        if done is None:
            return ""
        if saved and saved.belongs_to(done):
            return str(saved.answer)
        if done.attempt == context.attempt:
            raise outcome_unknown(self.vendor)
        return ""

    def _ask(self, context: StageContext, path: str, size: tuple[int, int], options: Options) -> str:
        context.report(None, f"{self.vendor.title} is looking at the photo…")
        preparing = start(self._model.prepare)
        image = context.run_in_subprocess(_ENCODE, path, max(size), limits=LIMITS)
        wait_for(context, preparing, LIMITS.wall_seconds)
        request = self._model.request(Picture(image, *size), options)
        return while_busy(
            context,
            lambda: self._buy(context, request),
            deadline_seconds=self._deadline_seconds,
            most=self._most,
            pause_seconds=1.0,
            note=f"{self.vendor.title} is busy; waiting for a turn",
        )

    def _buy(self, context: StageContext, request: dict[str, Any]) -> str:
        def call(receipt: Receipt) -> str:
            reply = self._model.send(request, receipt)
            receipt.reference, receipt.units = reply.reference, reply.units
            read_answer(reply.text, self.vendor)
            if receipt.answer_name:
                save_response(context, receipt, reply.text)
            return reply.text

        if not self.vendor.capabilities.spends:
            return self._call_for_free(context, call)
        return buy(
            context,
            self.vendor,
            "words",
            request,
            call,
            deadline_seconds=self._deadline_seconds,
            on_request=self._on_request,
            note=self._note,
        )

    def _call_for_free(self, context: StageContext, call: Callable[[Receipt], str]) -> str:
        """A call that costs nothing, so it may be made again and needs no ledger."""
        outcome = "ok"
        try:
            return wait_for(context, start(lambda: call(Receipt(0, ""))), self._deadline_seconds, self._note)
        except TimeoutError:
            outcome = "provider_timed_out"
            raise timed_out(self.vendor) from None
        except AuraTuneError as error:
            outcome = error.code
            raise
        finally:
            self._on_request(self.name, outcome)


def fit(width_px: int, height_px: int, long_edge_px: int) -> tuple[int, int]:
    """The size of a picture whose long edge is at most so long, with the same shape; never larger than it was."""
    scale = min(1.0, long_edge_px / max(width_px, height_px))
    return max(1, round(width_px * scale)), max(1, round(height_px * scale))


def no_sense(vendor: Vendor, what: str, code: str = "provider_made_no_sense") -> ProviderInvalidResponse:
    """The error for an answer that cannot be used; `what` goes on after the vendor's name."""
    return ProviderInvalidResponse(f"{vendor.title} {what}.", provider=vendor.name, code=code)
