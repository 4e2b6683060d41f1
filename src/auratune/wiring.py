"""The only file that sees everything: settings in, service out; it builds and closes everything."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from auratune.core.errors import InvalidSetting, StorageError
from auratune.core.film import SigningFiles
from auratune.core.providers import Providers, no_first_cut
from auratune.providers.chain import ComposerChain, Rules, SongwriterChain, VisionModelChain
from auratune.providers.embedded import EMBEDDED
from auratune.providers.registry import VENDORS
from auratune.providers.vendor import ProviderConfig, ignore_request
from auratune.storage import open_store
from auratune.subprocesses import SubprocessPool
from auratune.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auratune.core.ports import Budget, ObjectStore
    from auratune.providers.vendor import CheckResult, OnRequest, Vendor
    from auratune.settings import Settings
    from auratune.tasks.moving import Moved
    from auratune.tasks.service import TaskService
    from auratune.tasks.webhooks import Webhooks
    from auratune.tasks.workers import Role


PRELOAD = (
    "auratune.vision.decode",
    "auratune.vision.analyze",
    "auratune.music.compose",
    "auratune.music.analysis.excerpt",
    "auratune.film.rendering.render_job",
    "auratune.film.rendering.mixdown",
)
"""Modules that child processes work with; their template imports them once."""
_CHECK_CREDENTIALS = "auratune.film.rendering.credentials:check_credentials"


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the HTTP service works with."""

    settings: Settings
    store: ObjectStore
    tasks: TaskService
    telemetry: Telemetry
    subprocesses: SubprocessPool
    stop_metrics: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Stop working and end waiting children; what is under way is finished after the next start."""
        self.stop_metrics()
        self.tasks.close()
        self.subprocesses.close()


def open_service(settings: Settings, *, role: Role = "serve", on_lost: Callable[[], None] = lambda: None) -> Service:
    """Build the service, and start working on what waits unless it is an `api`.

    `on_lost` ends the process when others took over its work. Raises `InvalidSetting` when a place cannot be used, or
    the role needs Postgres.
    """
    if role != "serve" and not (settings.database_url or "").startswith("postgres"):
        raise InvalidSetting(
            f"auratune {role} needs DATABASE_URL=postgresql://…, which it shares with the other processes; "
            "auratune serve does everything in one process."
        )
    # A film made by plain calls needs no database and no workflow engine, which take long to import.
    from auratune.tasks.budgets import shared_budget
    from auratune.tasks.service import TaskService
    from auratune.tasks.workers import Membership

    telemetry = Telemetry()
    signing = None if role == "api" else check_signing(settings)[0]
    store = _reachable_store(settings)
    budget = shared_budget(data_folder(settings), settings.database_url)
    providers = build_providers(settings, telemetry, budget=budget)
    subprocesses = SubprocessPool(*PRELOAD)
    subprocesses.start()
    tasks = TaskService(
        providers=providers,
        store=store,
        subprocesses=subprocesses,
        data_folder=data_folder(settings),
        database_url=settings.database_url,
        slots=settings.max_concurrent_tasks,
        retain_days=settings.retain_days,
        keep_sources=settings.keep_sources,
        daily_cap=settings.daily_paid_calls,
        least_free_bytes=settings.least_free_mb * 1024 * 1024,
        most_waiting=settings.queue_limit,
        most_waiting_of_owner=settings.queue_limit_per_key,
        on_stage=telemetry.observe_stage,
        on_outcome=telemetry.count_task,
        on_webhook=telemetry.count_webhook,
        webhooks=_webhooks(settings),
        signing=signing,
        membership=Membership(role, settings.cluster_concurrent_tasks, on_lost=on_lost),
    )
    tasks.start()
    if role != "api":
        _load_sdks(settings)

    def measure() -> None:
        counts, workers = tasks.counts(), tasks.live_workers()
        folder = data_folder(settings)
        telemetry.measure(queued=counts.queued, active=counts.active, workers=workers, data_folder=folder)

    stop = telemetry.serve(settings.metrics_port, measure) if settings.metrics_port else lambda: None
    return Service(settings, store, tasks, telemetry, subprocesses, stop)


def _load_sdks(settings: Settings) -> None:
    """Load the client libraries of the vendors in the background, so that the first film does not wait for them."""

    def load() -> None:
        for vendor, is_configured in vendors(settings):
            if vendor.sdk and is_configured:
                import_module(vendor.sdk)

    # No daemon: an interpreter that ends while compiled modules are loaded may crash.
    threading.Thread(target=load, name="load-sdks").start()


def build_providers(settings: Settings, telemetry: Telemetry, *, budget: Budget | None = None) -> Providers:
    """Choose who works on films: vendors with their settings first, the built-in ones always last.

    `budget` is the allowance of vendor calls that all tasks share; without one each composer keeps its own pace.
    """
    rules = Rules(strict=settings.strict_providers)
    config = provider_config(settings, budget=budget, on_request=telemetry.count_vendor_request)
    ready = [vendor for vendor in VENDORS.values() if vendor.is_configured(config)]
    order = list(settings.composer_order)
    if not settings.strict_providers and "embedded" not in order:
        order.append("embedded")
    by_name = {vendor.name: vendor for vendor in ready}
    composers = [by_name[name] for name in order if name in by_name]
    composer = ComposerChain([each.composer(config) for each in composers if each.composer], rules=rules)
    # Whoever wants no fallback wants no film by the built-in composer either, not even for a minute.
    with_first_cut = settings.first_cut and not settings.strict_providers
    return Providers(
        vision_model=VisionModelChain([each.vision_model(config) for each in ready if each.vision_model], rules=rules),
        songwriter=SongwriterChain([each.songwriter(config) for each in ready if each.songwriter], rules=rules),
        composer=composer,
        first_cut_composer=composer.first_cut_composer if with_first_cut else no_first_cut,
    )


def provider_config(
    settings: Settings,
    *,
    budget: Budget | None = None,
    on_request: OnRequest = ignore_request,
) -> ProviderConfig:
    """What the vendors' factories get."""
    values = {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in settings}
    return ProviderConfig(values=values, budget=budget, on_request=on_request)


def check_vendors(settings: Settings) -> Iterator[tuple[str, CheckResult]]:
    """Ask each configured vendor whether it would work, without paying; (name, (good, sentence)) as answers come."""
    config = provider_config(settings)
    for vendor in VENDORS.values():
        if vendor.check and vendor.is_configured(config):
            yield vendor.name, vendor.checked(config)
        elif vendor.check:
            missing = " and ".join(name.upper() for name in vendor.settings)
            yield vendor.name, (True, f"not used: {missing} is not set")


def vendors(settings: Settings) -> list[tuple[Vendor, bool]]:
    """Every vendor, and whether its settings are there."""
    config = provider_config(settings)
    return [(vendor, vendor.is_configured(config)) for vendor in VENDORS.values()]


def makers(settings: Settings) -> tuple[str, str]:
    """Who is asked first for words and for music, as people say it."""
    config = provider_config(settings)
    ready = [vendor for vendor in VENDORS.values() if vendor.is_configured(config)]
    writer = next(vendor for vendor in ready if vendor.songwriter)
    by_name = {vendor.name: vendor for vendor in ready}
    composer = next((by_name[name] for name in settings.composer_order if name in by_name), EMBEDDED)
    return (
        "the built-in writer" if writer is EMBEDDED else writer.title,
        "the built-in composer" if composer is EMBEDDED else composer.title,
    )


def check_database(settings: Settings) -> CheckResult:
    """Whether the database that `DATABASE_URL` names answers. Raises `InvalidSetting` and `ServiceBusy`."""
    from auratune.tasks.database import Database

    database = Database(data_folder(settings), settings.database_url)
    try:
        return True, database.describe()
    finally:
        database.close()


def check_store(settings: Settings) -> CheckResult:
    """Whether files can be written, read and removed where they are kept. Raises `StorageError`."""
    store, key = store_of(settings), f"doctor/{uuid.uuid4().hex}.txt"
    with store.create(key, content_type="text/plain") as path:
        path.write_text("probe")
    with store.fetch(key) as path:
        same = path.read_text() == "probe"
    store.delete_prefix("doctor")
    place = "the bucket of STORAGE_URL" if (settings.storage_url or "").startswith("s3:") else "the folder for films"
    return same, f"{place} takes files, gives them back and removes them"


def check_signing(settings: Settings) -> tuple[SigningFiles | None, str]:
    """What films are signed with, if anything, after trying it, and a sentence about it. Raises `InvalidSetting`."""
    if not (settings.c2pa_certificate and settings.c2pa_private_key):
        return None, "films are not signed: C2PA_CERTIFICATE is not set"
    certificate, key = (
        str(Path(name).expanduser().resolve()) for name in (settings.c2pa_certificate, settings.c2pa_private_key)
    )
    sentence = SubprocessPool().run(_CHECK_CREDENTIALS, certificate, key)
    return SigningFiles(certificate=certificate, private_key=key), str(sentence)


def _webhooks(settings: Settings) -> Webhooks:
    from auratune.tasks.webhooks import Webhooks

    return Webhooks(
        secret=_secret(settings.webhook_secret),
        url=_secret(settings.webhook_url),
        allow_private=settings.webhook_allow_private,
        public_url=settings.public_url or "",
    )


def data_folder(settings: Settings) -> Path:
    """Where the database and arriving photos are."""
    return settings.temp_dir.expanduser().resolve()


def store_of(settings: Settings) -> ObjectStore:
    """Where photos, songs and films are: the data folder, unless `STORAGE_URL` names another place."""
    return open_store(
        settings.storage_url or "",
        data_folder(settings),
        access_key_id=_secret(settings.aws_access_key_id),
        secret_access_key=_secret(settings.aws_secret_access_key),
        endpoint=settings.aws_endpoint_url or "",
        region=settings.aws_region or "",
    )


def _reachable_store(settings: Settings) -> ObjectStore:
    store = store_of(settings)
    try:
        store.head("service/start")
    except StorageError as error:
        raise InvalidSetting(
            "STORAGE_URL names a bucket that does not answer; check its name, AWS_ENDPOINT_URL and its key."
        ) from error
    return store


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def move_library(settings: Settings, folder: Path, storage_url: str, tell: Callable[[str], None]) -> Moved:
    """Carry the library of a data folder to where the settings say. Raises `InvalidSetting` and `StorageError`."""
    from auratune.tasks.database import Database
    from auratune.tasks.folder_lock import FolderLock
    from auratune.tasks.moving import carry_secrets, move

    if not folder.is_dir():
        raise InvalidSetting("The folder of the library is not there; give the TEMP_DIR that the service used.")
    # The lock keeps a service from starting on the folder meanwhile.
    lock = FolderLock(folder)
    lock.take()
    source, target = Database(folder), Database(data_folder(settings), settings.database_url)
    try:
        moved = move(source, target, open_store(storage_url, folder), store_of(settings), tell)
        carry_secrets(folder.resolve(), target, data_folder(settings))
        return moved
    finally:
        source.close()
        target.close()
        lock.release()
