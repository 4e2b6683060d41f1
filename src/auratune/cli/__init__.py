"""The command line: one file per command."""

from __future__ import annotations

import typer

from auratune import __version__
from auratune.cli.api import api
from auratune.cli.config import config
from auratune.cli.console import accept_any_character
from auratune.cli.demo import demo_vendors
from auratune.cli.doctor import doctor
from auratune.cli.film import film
from auratune.cli.migrate import migrate
from auratune.cli.serve import serve
from auratune.cli.telegram import telegram
from auratune.cli.worker import worker

app = typer.Typer(
    name="auratune",
    help="One photo from your glasses becomes a 30-second music video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (film, serve, api, worker, telegram, migrate, config, doctor, demo_vendors):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"auratune {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """One photo from your glasses becomes a 30-second music video."""
    del version
    accept_any_character()
