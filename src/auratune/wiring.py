"""The only file that sees everything: settings in, providers and task desk out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from auratune import subprocesses
from auratune.core.ports import Providers
from auratune.providers.chain import ComposerChain, Rules, SongwriterChain, VisionModelChain
from auratune.providers.composers import COMPOSERS
from auratune.providers.observers import VISION_MODELS
from auratune.providers.writers import SONGWRITERS
from auratune.storage.local import LocalStore
from auratune.tasks.budgets import shared_budget
from auratune.tasks.service import TaskService
from auratune.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.ports import Budget, Composer
    from auratune.settings import Settings

DECODER = "auratune.vision.decode:normalise"


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the HTTP service works with."""

    settings: Settings
    store: LocalStore
    providers: Providers
    desk: TaskService
    telemetry: Telemetry

    def close(self) -> None:
        """Stop taking work and let go of children; what is under way is finished after the next start."""
        self.desk.close()
        subprocesses.let_go()


def open_service(settings: Settings) -> Service:
    """Build the service and start working on what waits.

    Raises `InvalidSetting` when the data folder cannot be used.
    """
    telemetry = Telemetry()
    store = LocalStore(store_folder(settings))
    budget = shared_budget(data_folder(settings), settings.database_url)
    providers = build_providers(settings, store, telemetry, budget=budget)
    desk = TaskService(
        providers=providers,
        data_folder=data_folder(settings),
        database_url=settings.database_url,
        slots=settings.max_concurrent_tasks,
        retain_days=settings.retain_days,
        keep_sources=settings.keep_sources,
        on_stage=telemetry.observe_stage,
        on_outcome=telemetry.count_task,
    )
    desk.start()
    # An upload is answered only after its photo was decoded; a waiting child saves that its start-up time.
    subprocesses.keep_warm(DECODER)
    return Service(settings=settings, store=store, providers=providers, desk=desk, telemetry=telemetry)


def build_providers(
    settings: Settings, store: LocalStore, telemetry: Telemetry, *, budget: Budget | None = None
) -> Providers:
    """Choose who works on films: vendors with a key first, the embedded ones always last.

    `budget` is the allowance of vendor calls that all tasks share; without one each composer keeps its own pace.
    """
    rules = Rules(strict=settings.strict_providers, daily_cap=settings.daily_paid_calls)
    claude = _claude(settings, telemetry)
    composers = [_composer(name, settings, store, telemetry, budget) for name in settings.ladder]
    if not settings.strict_providers and "embedded" not in settings.ladder:
        composers.append(COMPOSERS["embedded"]())
    return Providers(
        vision_model=VisionModelChain([*claude, VISION_MODELS["embedded"]()], rules=rules),
        songwriter=SongwriterChain([*claude, SONGWRITERS["embedded"]()], rules=rules),
        composer=ComposerChain([composer for composer in composers if composer], rules=rules),
        store=store,
    )


def _claude(settings: Settings, telemetry: Telemetry) -> list[Any]:
    if not settings.claude_api_key:
        return []
    return [
        VISION_MODELS["claude"](
            key=settings.claude_api_key.get_secret_value(),
            base_url=settings.anthropic_base_url,
            model=settings.claude_model,
            effort=settings.claude_effort,
            on_request=telemetry.count_vendor_request,
        )
    ]


def _composer(
    name: str, settings: Settings, store: LocalStore, telemetry: Telemetry, budget: Budget | None
) -> Composer | None:
    """The composer of that name, or None where its key is missing."""
    if name == "suno" and settings.suno_api_key:
        return COMPOSERS["suno"](
            key=settings.suno_api_key.get_secret_value(),
            base_url=settings.suno_base_url,
            budget=budget,
            on_request=telemetry.count_vendor_request,
        )
    if name == "elevenlabs" and settings.elevenlabs_api_key:
        return COMPOSERS["elevenlabs"](
            key=settings.elevenlabs_api_key.get_secret_value(),
            base_url=settings.elevenlabs_base_url,
            model=settings.elevenlabs_model,
            store=store,
            on_request=telemetry.count_vendor_request,
        )
    return COMPOSERS["embedded"]() if name == "embedded" else None


def check_vendors(settings: Settings) -> Iterator[tuple[str, tuple[bool, str]]]:
    """Ask each configured vendor whether it would work, without paying; (name, (good, sentence)) as answers come."""
    for name, module, secret, address in (
        ("claude", "claude.provider", settings.claude_api_key, settings.anthropic_base_url),
        ("suno", "composers.suno", settings.suno_api_key, settings.suno_base_url),
        ("elevenlabs", "composers.elevenlabs", settings.elevenlabs_api_key, settings.elevenlabs_base_url),
    ):
        if not secret:
            yield name, (True, "no key set; the built-in one works instead")
            continue
        check = import_module(f"auratune.providers.{module}").check
        model = {"model": settings.claude_model} if name == "claude" else {}
        yield name, check(secret.get_secret_value(), address, **model)


def data_folder(settings: Settings) -> Path:
    """Where the database and arriving photos are."""
    return settings.temp_dir.expanduser().resolve()


def store_folder(settings: Settings) -> Path:
    """Where photos, songs and films are: the data folder, unless `STORAGE_URL` names another."""
    if not settings.storage_url:
        return data_folder(settings)
    return Path(url2pathname(urlsplit(settings.storage_url).path)).resolve()
