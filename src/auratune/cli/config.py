"""`auratune config`: the settings in force."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.table import Table

from auratune.cli.console import page, plain_errors, print_json
from auratune.settings import Settings, load_settings


def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print every setting in force, with secrets masked."""
    with plain_errors():
        settings = load_settings()
    if as_json:
        print_json({name: shown(value) for name, value, _, _ in rows(settings)})
        return
    if not page.is_terminal:
        for name, value, _, _ in rows(settings):
            typer.echo(f"{name}={'' if value is None else shown(value)}")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("variable", "value", "", "meaning"):
        table.add_column(heading, overflow="fold")
    for name, value, changed, meaning in rows(settings):
        table.add_row(
            name, "-" if value is None else str(shown(value)), "[cyan]set[/]" if changed else "", f"[dim]{meaning}[/]"
        )
    page.print(table)


def rows(settings: Settings) -> list[tuple[str, Any, bool, str]]:
    """Each setting as (variable, value, whether it was set, meaning)."""
    return [
        (name.upper(), getattr(settings, name), name in settings.model_fields_set, field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def shown(value: Any) -> Any:
    """A value as it may be printed: secrets are masked."""
    if isinstance(value, SecretStr):
        return "********"
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, bool) else str(value).lower()
    return str(value)
