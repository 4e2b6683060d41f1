"""Providers in order: the first one that can does the work, and the result says truthfully who that was and why."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from auratune.core.errors import (
    AuraTuneError,
    InvalidSong,
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
    ProviderOutcomeUnknown,
    ProviderRefused,
)
from auratune.providers.judging import judged
from auratune.providers.pay_once import mark_failed
from auratune.providers.registry import title_of
from auratune.providers.vendor import HasVendor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auratune.core.context import StageContext
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.providers import Composer
    from auratune.core.scene import Scene
    from auratune.core.song import Song, SongRequest
    from auratune.core.treatment import MusicBrief, Treatment
    from auratune.providers.vendor import ComposerProvider, SongwriterProvider, Vendor, VisionModelProvider


P = TypeVar("P", bound=HasVendor)
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """How far down a chain may go."""

    strict: bool = False
    """True makes the first failure final."""


class _Chain(Generic[P]):
    """Providers in order of preference; the last ones cost nothing."""

    def __init__(self, providers: Sequence[P], *, rules: Rules, did: str, built_in: str) -> None:
        """`did` says what is done (`made the music`), `built_in` who does it here (`the built-in composer`)."""
        self.providers = tuple(providers)
        self._rules = rules
        self._did = did
        self._built_in = built_in

    def run(self, context: StageContext, providers: Sequence[P], work: Callable[[P], T]) -> tuple[T, tuple[str, ...]]:
        """The work of the first provider that can, and a notice for each that could not.

        Raises the last failure when none can, or the first one in strict mode. What is no provider's fault
        (`TaskCancelled`, `StorageError`, `SubprocessFailed`) goes through.
        """
        reasons: list[str] = []
        for at, provider in enumerate(providers):
            last = at == len(providers) - 1
            try:
                return work(provider), self.notices(reasons, provider)
            except (ProviderError, InvalidSong) as error:
                if self._rules.strict or last:
                    raise
                reasons.append(why(provider.vendor, error))
                _log.warning("%s could not do its part (%s); going on with the next", provider.vendor.name, error.code)
            except AuraTuneError:
                raise
            except Exception as error:  # a film comes out, whatever surprise a vendor's client holds
                if self._rules.strict or last:
                    raise
                reasons.append(f"{provider.vendor.title} failed")
                _log.exception("%s failed in an unforeseen way (%s)", provider.vendor.name, type(error).__name__)
        raise ProviderRefused(f"There is nobody here who {self._did}.", code="provider_missing")

    def notices(self, reasons: Sequence[str], provider: P) -> tuple[str, ...]:
        """A sentence for each reason, ending with who did the work in the end."""
        who = self._built_in if provider.vendor.is_built_in else provider.vendor.title
        return tuple(f"{reason}; {who} {self._did}." for reason in dict.fromkeys(reasons))


class VisionModelChain:
    """Vision models in order; itself one."""

    name = "chain"

    def __init__(self, providers: Sequence[VisionModelProvider], *, rules: Rules | None = None) -> None:
        self._chain = _Chain(providers, rules=rules or Rules(), did="wrote the words", built_in="the built-in writer")

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        """The scene by the first vision model that can. Raises as `_Chain.run` does."""
        scene, notices = self._chain.run(
            context, self._chain.providers, lambda each: each.analyze(context, photo, options)
        )
        return replace(scene, notices=(*notices, *scene.notices)) if notices else scene


class SongwriterChain:
    """Songwriters in order; itself one. One that needs a draft is passed over where the scene holds none."""

    name = "chain"

    def __init__(self, providers: Sequence[SongwriterProvider], *, rules: Rules | None = None) -> None:
        self._chain = _Chain(providers, rules=rules or Rules(), did="wrote the words", built_in="the built-in writer")

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """The treatment by the first songwriter that can. Raises as `_Chain.run` does."""
        providers = [each for each in self._chain.providers if _can_write(each.vendor, scene)]
        treatment, notices = self._chain.run(
            context, providers, lambda each: each.write(context, photo, scene, options)
        )
        return replace(treatment, notices=(*notices, *treatment.notices)) if notices else treatment


class ComposerChain:
    """Composers in order; itself one. The one that the brief names comes first."""

    name = "chain"

    def __init__(self, providers: Sequence[ComposerProvider], *, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._chain = _Chain(providers, rules=self._rules, did="made the music", built_in="the built-in composer")

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        """Place the order with the first composer that takes it. Raises as `_Chain.run` does."""
        providers, absent = self._line_up(brief.composer)
        order, notices = self._chain.run(context, providers, lambda provider: provider.order(context, brief))
        if absent:
            notices = (*self._chain.notices([absent], self._by_name(order.music_by)), *notices)
        return replace(order, notices=(*notices, *order.notices)) if notices else order

    def first_cut_composer(self, brief: MusicBrief) -> Composer | None:
        """The built-in composer where a vendor is asked first, whose song has to be waited for."""
        providers, _ = self._line_up(brief.composer)
        built_in = [each for each in providers if each.vendor.is_built_in]
        return built_in[0] if built_in and built_in[0] is not providers[0] else None

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        """The ordered song; where it cannot be had, one by a composer that costs nothing, with a notice.

        What was paid for stays in the ledger, so that another try can collect it.
        """
        free = [each for each in self._chain.providers if not each.vendor.capabilities.spends]
        first = [each for each in self._chain.providers if each.vendor.name == order.music_by]
        if not first and not free:
            raise ProviderRefused(
                f"{title_of(order.music_by)} is not set up here, so its song cannot be had.", code="provider_missing"
            )
        rest = [each for each in free if each.vendor.name != order.music_by]
        song, notices = self._chain.run(
            context, [*first, *rest], lambda each: _collect(context, each, _order_for(context, each, order))
        )
        if not first:
            notices = (*self._chain.notices([f"{title_of(order.music_by)} is not set up here"], free[0]), *notices)
        return replace(song, notices=(*song.notices, *notices)) if notices else song

    def _line_up(self, named: str) -> tuple[list[ComposerProvider], str]:
        """Who is asked, in order, and what to tell when the one asked for is not here."""
        providers = list(self._chain.providers)
        wanted = [provider for provider in providers if provider.vendor.name == named]
        if wanted and wanted[0].vendor.is_built_in:
            return wanted, ""
        if wanted:
            return [*wanted, *(provider for provider in providers if provider.vendor.name != named)], ""
        return providers, f"{title_of(named)} is not set up here" if named else ""

    def _by_name(self, name: str) -> ComposerProvider:
        return next(provider for provider in self._chain.providers if provider.vendor.name == name)


def _collect(context: StageContext, provider: ComposerProvider, order: SongRequest) -> Song:
    """The song, if it is one; what was paid for and is none is noted as such, so that it is not used again."""
    song = provider.collect(context, order)
    if provider.vendor.is_built_in:
        return song
    try:
        return judged(context, song)
    except InvalidSong:
        mark_failed(context, provider.vendor, song.reference)
        raise


def _can_write(vendor: Vendor, scene: Scene) -> bool:
    return not vendor.capabilities.needs_draft or (scene.draft is not None and scene.seen_by == vendor.name)


def why(vendor: Vendor, error: AuraTuneError) -> str:
    """The reason for a failure in a few plain words, beginning with the vendor."""
    title = vendor.title
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
    "provider_permission_missing": "The {title} key lacks a permission",
    "provider_plan_needed": "{title} needs a paid plan",
    "provider_model_unknown": "{title} does not know the model in the settings",
    "song_silent": "{title} sent a silent song",
    "song_too_short": "{title} sent a song that is too short",
    "song_not_music": "{title} sent noise instead of a song",
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


def _order_for(context: StageContext, provider: ComposerProvider, order: SongRequest) -> SongRequest:
    """The order itself for the composer that took it, a new one for a composer that steps in."""
    if provider.vendor.name == order.music_by:
        return order
    return replace(provider.order(context, order.brief), notices=order.notices)
