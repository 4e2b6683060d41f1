"""`auratune serve`: run the HTTP service."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer
import uvicorn

from auratune.cli.console import plain_errors, screen
from auratune.core.errors import InvalidSetting
from auratune.settings import Settings, load_settings
from auratune.telemetry import set_up_logging
from auratune.wiring import makers

GRACE_SECONDS = 5


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on [default: HOST or 127.0.0.1]")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on [default: PORT or 8000]")] = -1,
) -> None:
    """Start the service: the API, the page, and the workers."""
    if host:
        os.environ["HOST"] = host
    if port >= 0:
        os.environ["PORT"] = str(port)
    # Photos and films are their owner's: nobody else on this machine may read what is written.
    os.umask(0o077)
    with plain_errors():
        settings = load_settings()
        set_up_logging(settings.log_level, form=settings.log_format, secrets=settings.secrets)
        _check_port(settings)
        _greet(settings)
        uvicorn.run(
            "auratune.web.app:create_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # An open event stream would keep the server from stopping; what is under way survives a stop anyway.
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise InvalidSetting(
                f"PORT {settings.port} on {settings.host} cannot be used (taken by another program?); "
                f"for example PORT={settings.port + 1}",
                code="port_taken",
            ) from None


def _greet(settings: Settings) -> None:
    host = "localhost" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 -- compared, not bound
    address = f"http://{host}:{settings.port}"
    writer, composer = makers(settings)
    screen.print(
        f"\n  [bold]AuraTune[/] is starting at [bold cyan]{address}[/]\n"
        f"  Open it in a browser and drop a photo there; the API is described at /docs\n"
        f"  Words by {writer}, music by {composer}.\n"
    )
