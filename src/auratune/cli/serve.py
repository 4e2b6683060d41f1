"""`auratune serve`: run the HTTP service."""

from __future__ import annotations

import os
import socket
from typing import Annotated, Any

import typer

from auratune.cli.console import plain_errors, screen
from auratune.core.errors import InvalidSetting
from auratune.settings import Settings, load_settings
from auratune.telemetry import Redactor, set_up_logging
from auratune.wiring import makers, open_service

_SHUTDOWN_SECONDS = 5


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [default: HOST or 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [default: PORT or 8000]")] = None,
) -> None:
    """Start the service: the API, the page, and the workers."""
    # Photos and films are private: no other user of this machine may read what is written.
    os.umask(0o077)
    given: dict[str, Any] = {"host": host, "port": port}
    with plain_errors():
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        _check_port(settings)
        _print_banner(settings)
        _run(settings)


def _run(settings: Settings) -> None:
    import uvicorn

    from auratune.web.app import create_app

    redactor = Redactor(settings.secrets)
    set_up_logging(settings.log_level, form=settings.log_format, redactor=redactor)
    service = open_service(settings)
    try:
        uvicorn.run(
            create_app(service, redactor=redactor),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # An open event stream would keep the server from stopping; unfinished tasks survive a stop anyway.
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    finally:
        service.close()


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


def _print_banner(settings: Settings) -> None:
    host = "localhost" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 -- compared, not bound
    address = f"http://{host}:{settings.port}"
    writer, composer = makers(settings)
    screen.print(
        f"\n  [bold]AuraTune[/] is starting at [bold cyan]{address}[/]\n"
        f"  Open it in a browser and drop a photo there; the API is described at /docs\n"
        f"  Words by {writer}, music by {composer}.\n"
    )
