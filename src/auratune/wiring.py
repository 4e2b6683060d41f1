"""The only file that sees everything: settings in, studio and task desk out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auratune import workroom
from auratune.core.ports import Studio
from auratune.durable.desk import TaskDesk
from auratune.providers.composers.embedded import EmbeddedComposer
from auratune.providers.observers.embedded import EmbeddedObserver
from auratune.providers.writers.embedded import EmbeddedWriter
from auratune.stores.local import LocalStore
from auratune.telemetry import Telemetry

if TYPE_CHECKING:
    from pathlib import Path

    from auratune.settings import Settings

DECODER = "auratune.sight.decode:normalise"


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the HTTP service works with."""

    settings: Settings
    store: LocalStore
    studio: Studio
    desk: TaskDesk
    telemetry: Telemetry

    def close(self) -> None:
        """Stop taking work and let go of children; what is under way is finished after the next start."""
        self.desk.close()
        workroom.let_go()


def open_service(settings: Settings) -> Service:
    """Build the service and start working on what waits. Raises `BadSetting` when the data folder cannot be used."""
    telemetry = Telemetry()
    store = LocalStore(data_folder(settings))
    studio = build_studio(settings, store, telemetry)
    desk = TaskDesk(
        studio=studio,
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
    workroom.keep_warm(DECODER)
    return Service(settings=settings, store=store, studio=studio, desk=desk, telemetry=telemetry)


def build_studio(settings: Settings, store: LocalStore, telemetry: Telemetry) -> Studio:
    """Choose who works on films: vendors with a key first, the embedded ones always last."""
    del settings, telemetry
    return Studio(observer=EmbeddedObserver(), writer=EmbeddedWriter(), composer=EmbeddedComposer(), store=store)


def data_folder(settings: Settings) -> Path:
    """Where photos, songs, films and the database are."""
    return settings.temp_dir.expanduser().resolve()
