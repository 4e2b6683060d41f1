"""`auratune migrate`: carry a library to the database and store that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auratune.cli.console import page, plain_errors, quiet_logs, screen
from auratune.core.errors import InvalidSetting
from auratune.settings import load_settings
from auratune.wiring import move_library


def migrate(
    source: Annotated[Path, typer.Argument(help="Data folder of the library to carry over (its TEMP_DIR)")],
    storage_url: Annotated[str, typer.Option(help="STORAGE_URL of that library, if it had one")] = "",
) -> None:
    """Copy a library from one machine into DATABASE_URL and STORAGE_URL. May be stopped and run again."""
    with plain_errors():
        settings = load_settings()
        quiet_logs(settings)
        if not settings.database_url and not settings.storage_url:
            raise InvalidSetting(
                "Set where the library goes: DATABASE_URL=postgresql://… and STORAGE_URL=s3://bucket/prefix."
            )
        moved = move_library(settings, source, storage_url, lambda note: screen.print(f"  {note}"))
        page.print(
            f"[green]✓[/] {moved.rows} rows ({moved.new_rows} new) and {moved.objects} files "
            f"({moved.new_objects} new, {moved.bytes / 1e6:.1f} MB in all) are there, checked by checksum."
        )
