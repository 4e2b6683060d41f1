"""`auratune doctor`: whether this machine can make films."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from auratune.cli.console import page, plain_errors, quiet_logs
from auratune.core.errors import AuraTuneError
from auratune.settings import Settings, load_settings, misspelt_settings
from auratune.subprocesses import SubprocessPool
from auratune.wiring import check_database, check_signing, check_store, check_vendors, data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENOUGH_BYTES = 1_000_000_000
Check = tuple[bool, str]


def doctor() -> None:
    """Check settings, codecs, fonts, detectors, disk, database, store, certificate and vendors; nothing is paid for."""
    with plain_errors():
        settings = load_settings()
        quiet_logs(settings)
        healthy = True
        for name, (good, sentence) in findings(settings):
            healthy = healthy and good
            page.print(f"{'[green]✓[/]' if good else '[bold red]✗[/]'} [bold]{name:<11}[/] {sentence}")
    if not healthy:
        raise typer.Exit(1)


def findings(settings: Settings) -> Iterator[tuple[str, Check]]:
    """Each check's name and what it found, as it is found."""
    checks: dict[str, Callable[[Settings], Check]] = {
        "settings": _settings,
        "codecs": _codecs,
        "fonts": _fonts,
        "detectors": _detectors,
        "disk": _disk,
        "database": _database,
        "store": _store,
        "credentials": _credentials,
    }
    for name, check in checks.items():
        try:
            yield name, check(settings)
        except (AuraTuneError, OSError, sqlite3.Error) as error:
            yield name, (False, error.message if isinstance(error, AuraTuneError) else str(error))
    yield from check_vendors(settings)


def _settings(settings: Settings) -> Check:
    del settings
    if misspelt := misspelt_settings():
        meant = ", ".join(f"{name} (did you mean {near}?)" for name, near in misspelt.items())
        return False, f"no setting has this name, in .env: {meant}"
    return True, "every name in .env is spelt as a setting, or like none"


def _codecs(settings: Settings) -> Check:
    del settings
    return True, str(SubprocessPool().run("auratune.film.rendering.codecs:describe_codecs"))


def _fonts(settings: Settings) -> Check:
    del settings
    return True, str(SubprocessPool().run("auratune.film.typography.scripts:describe_fonts"))


def _detectors(settings: Settings) -> Check:
    del settings
    return True, f"the built-in observer {SubprocessPool().run('auratune.vision.weights:describe_detectors')}"


def _disk(settings: Settings) -> Check:
    folder = data_folder(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return False, f"TEMP_DIR={folder} cannot be written to ({error.strerror}); set it to a folder that can"
    sentence = f"{free / 1e9:.1f} GB free under TEMP_DIR={folder}, and it can be written to"
    if free < _ENOUGH_BYTES:
        return False, f"{sentence}; that is little: a film takes about 15 MB while it is made"
    return True, sentence


def _database(settings: Settings) -> Check:
    if settings.database_url:
        return check_database(settings)
    # In TEMP_DIR itself: some network folders refuse the write-ahead log. The library's own database is left alone.
    with tempfile.TemporaryDirectory(dir=data_folder(settings), prefix=".doctor-") as folder:
        connection = sqlite3.connect(Path(folder) / "probe.sqlite")
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        finally:
            connection.close()
    return mode == "wal", f"SQLite {sqlite3.sqlite_version}, write-ahead log {'works' if mode == 'wal' else 'fails'}"


def _credentials(settings: Settings) -> Check:
    return True, check_signing(settings)[1]


def _store(settings: Settings) -> Check:
    return check_store(settings)
