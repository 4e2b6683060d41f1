"""The ladder: the first provider that can does the work, and the result says truthfully who that was and why."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from auratune.core.context import current_errand
from auratune.core.errors import (
    AuraTuneError,
    InvalidSong,
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
    ProviderOutcomeUnknown,
    ProviderRefused,
)
from auratune.core.task import PaidState
from auratune.providers.http import TITLES
from auratune.providers.pay_once import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.ports import Composer, ObjectStore, Songwriter, VisionModel
    from auratune.core.scene import Scene
    from auratune.core.song import Song, SongRequest
    from auratune.core.treatment import MusicBrief, Treatment


class _Named(Protocol):
    name: str


R = TypeVar("R", bound=_Named)
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """How far down a ladder may go."""

    strict: bool = False
    """True makes the first failure final."""
    daily_cap: int = 0
    """Most paid calls a day for the owner of a task; 0 is no cap."""


class _Chain(Generic[R]):
    """Rungs in order of preference; the last ones cost nothing."""

    def __init__(self, rungs: Sequence[R], *, rules: Rules, did: str, by_hand: str) -> None:
        """`did` says what is done (`made the music`), `by_hand` who does it here (`the built-in composer`)."""
        self.rungs = tuple(rungs)
        self._rules = rules
        self._did = did
        self._by_hand = by_hand

    def climb(self, rungs: Sequence[R], work: Callable[[R], T]) -> tuple[T, tuple[str, ...]]:
        """The work of the first rung that can, and a notice for each that could not.

        Raises the last failure when none can, or the first one in strict mode. What is no provider's fault
        (`TaskCancelled`, `StorageError`, `SubprocessFailed`) goes through.
        """
        reasons: list[str] = []
        for at, rung in enumerate(rungs):
            last = at == len(rungs) - 1
            try:
                self._check_cap(rung)
                return work(rung), self.notices(reasons, rung)
            except (ProviderError, InvalidSong) as error:
                if self._rules.strict or last:
                    raise
                reasons.append(why(rung.name, error))
                _log.warning("%s could not do its part (%s); going on with the next", rung.name, error.code)
            except AuraTuneError:
                raise
            except Exception as error:  # a film comes out, whatever surprise a vendor's client holds
                if self._rules.strict or last:
                    raise
                reasons.append(f"{_title(rung.name)} failed")
                _log.exception("%s failed in an unforeseen way (%s)", rung.name, type(error).__name__)
        raise ProviderRefused(f"There is nobody here who {self._did}.", code="provider_missing")

    def notices(self, reasons: Sequence[str], rung: R) -> tuple[str, ...]:
        """A sentence for each reason, ending with who did the work in the end."""
        who = _title(rung.name) if is_paid(rung) else self._by_hand
        return tuple(f"{reason}; {who} {self._did}." for reason in dict.fromkeys(reasons))

    def _check_cap(self, rung: R) -> None:
        cap = self._rules.daily_cap
        if not cap or not is_paid(rung):
            return
        errand = current_errand()
        # What was paid for already is used, and what is unclear is told as such by the provider itself.
        paid = any(
            call.vendor == rung.name
            and (call.round == errand.round or (call.state is PaidState.DONE and FAILED not in call.units))
            for call in errand.ledger.entries(errand.task_id)
        )
        if not paid and errand.ledger.paid_today(errand.task_id) >= cap:
            raise ProviderRefused(
                f"The daily limit of {cap} paid calls is reached; it starts again at midnight UTC.",
                provider=rung.name,
                code="daily_cap_reached",
            )


class VisionModelChain:
    """Observers in order; itself one."""

    name = "ladder"

    def __init__(self, rungs: Sequence[VisionModel], *, rules: Rules | None = None) -> None:
        self._ladder = _Chain(rungs, rules=rules or Rules(), did="wrote the words", by_hand="the built-in writer")

    def analyze(self, photo: Photo, options: Options, store: ObjectStore) -> Scene:
        """The scene by the first observer that can. Raises as `_Chain.climb` does."""
        scene, notices = self._ladder.climb(self._ladder.rungs, lambda rung: rung.analyze(photo, options, store))
        return replace(scene, notices=(*notices, *scene.notices)) if notices else scene


class SongwriterChain:
    """Writers in order; itself one. A writer that needs a draft is passed over where the scene holds none."""

    name = "ladder"

    def __init__(self, rungs: Sequence[Songwriter], *, rules: Rules | None = None) -> None:
        self._ladder = _Chain(rungs, rules=rules or Rules(), did="wrote the words", by_hand="the built-in writer")

    def write(self, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """The treatment by the first writer that can. Raises as `_Chain.climb` does."""
        rungs = [rung for rung in self._ladder.rungs if scene.draft or not getattr(rung, "needs_draft", False)]
        treatment, notices = self._ladder.climb(rungs, lambda rung: rung.write(photo, scene, options))
        return replace(treatment, notices=(*notices, *treatment.notices)) if notices else treatment


class ComposerChain:
    """Composers in order; itself one. The one that the brief names comes first."""

    name = "ladder"

    def __init__(self, rungs: Sequence[Composer], *, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._ladder = _Chain(rungs, rules=self._rules, did="made the music", by_hand="the built-in composer")

    def order(self, brief: MusicBrief) -> SongRequest:
        """Place the order with the first composer that takes it. Raises as `_Chain.climb` does."""
        rungs, absent = self._line_up(brief.composer)
        order, notices = self._ladder.climb(rungs, lambda rung: rung.order(brief))
        if absent:
            notices = (*self._ladder.notices([absent], self._by_name(order.music_by)), *notices)
        return replace(order, notices=(*notices, *order.notices)) if notices else order

    def collect(self, order: SongRequest, store: ObjectStore) -> Song:
        """The ordered song; where it cannot be had, one by a composer that costs nothing, with a notice.

        What was paid for stays in the ledger, so that another try can collect it.
        """
        free = [rung for rung in self._ladder.rungs if not is_paid(rung)]
        first = [rung for rung in self._ladder.rungs if rung.name == order.music_by]
        if not first and not free:
            raise ProviderRefused(
                f"{_title(order.music_by)} is not set up here, so its song cannot be had.", code="provider_missing"
            )
        rest = [rung for rung in free if rung.name != order.music_by]
        song, notices = self._ladder.climb([*first, *rest], lambda rung: rung.collect(_order_for(rung, order), store))
        if not first:
            notices = (*self._ladder.notices([f"{_title(order.music_by)} is not set up here"], free[0]), *notices)
        return replace(song, notices=(*song.notices, *notices)) if notices else song

    def _line_up(self, named: str) -> tuple[list[Composer], str]:
        """Who is asked, in order, and what to tell when the one asked for is not here."""
        rungs = list(self._ladder.rungs)
        wanted = [rung for rung in rungs if rung.name == named]
        if wanted and not is_paid(wanted[0]):
            return wanted, ""
        if wanted:
            return [*wanted, *(rung for rung in rungs if rung.name != named)], ""
        return rungs, f"{_title(named)} is not set up here" if named else ""

    def _by_name(self, name: str) -> Composer:
        return next(rung for rung in self._ladder.rungs if rung.name == name)


def is_paid(rung: object) -> bool:
    """Whether asking a provider may cost money."""
    return bool(getattr(rung, "is_paid", False))


def why(name: str, error: AuraTuneError) -> str:
    """The reason for a failure in a few plain words, beginning with the vendor."""
    title = _title(name)
    for code, words in _REASONS.items():
        if error.code == code:
            return words.format(title=title)
    for kind, words in _REASONS_BY_KIND.items():
        if isinstance(error, kind):
            return words.format(title=title)
    return f"{title} failed"


_REASONS = {
    "provider_unreachable": "{title} could not be reached",
    "provider_timed_out": "{title} took too long",
    "provider_song_failed": "{title} could not make the song",
    "provider_download_failed": "The song of {title} could not be fetched",
    "provider_key_refused": "{title} did not accept the key",
    "provider_no_credit": "The {title} account has no credit left",
    "provider_failed_before": "{title} was asked before and brought nothing that could be used",
    "provider_model_unknown": "{title} does not know the model in the settings",
    "daily_cap_reached": "The daily limit of paid calls is reached",
    "unsafe_address": "{title} named a song address that is not safe",
}
_REASONS_BY_KIND: dict[type[AuraTuneError], str] = {
    ProviderOutcomeUnknown: "{title} may have charged for this, but its answer was lost",
    ProviderBusy: "{title} was busy",
    ProviderRefused: "{title} declined",
    ProviderInvalidResponse: "{title} sent nothing that could be used",
    InvalidSong: "{title} sent nothing that could be used",
}


def _order_for(rung: Composer, order: SongRequest) -> SongRequest:
    """The order itself for the composer that took it, a new one for a composer that steps in."""
    if rung.name == order.music_by:
        return order
    return replace(rung.order(order.brief), notices=order.notices)


def _title(name: str) -> str:
    return TITLES.get(name, name.capitalize())
