"""`auratune demo-vendors`: stand-ins for the vendors, to try the paid path without a key."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from auratune.cli.console import plain_errors, screen
from auratune.core.errors import InvalidSetting

PROJECT = Path(__file__).resolve().parents[3]


def demo_vendors(
    speed: Annotated[float, typer.Option(help="How many times faster than the real vendors.", min=0.1)] = 1.0,
    port: Annotated[int, typer.Option(help="First of six ports on 127.0.0.1; 0 takes free ones.")] = 8801,
) -> None:
    """Start stand-ins for all vendors, and print the settings that point the service at them.

    They are the simulators that the tests use, so this needs a checkout of the project.
    """
    with plain_errors():
        if not (PROJECT / "tests" / "simulators").is_dir():
            raise InvalidSetting(
                "The stand-ins come with a checkout of the project, not with the installed package; run this there.",
                code="no_checkout",
            )
        sys.path.insert(0, str(PROJECT))
        stage = importlib.import_module("tests.simulators.__main__")
        screen.print("[dim]Ctrl-C ends them.[/]")
        stage.main(["--speed", str(speed), "--port", str(port)])
