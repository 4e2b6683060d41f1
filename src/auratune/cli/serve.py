"""`auratune serve`: run the HTTP service."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auratune.cli.console import plain_errors, screen
from auratune.core.errors import AuraTuneError, InvalidSetting
from auratune.settings import Settings, load_settings
from auratune.telemetry import Redactor, set_up_logging
from auratune.wiring import makers, open_service

if TYPE_CHECKING:
    from auratune.tasks.workers import Role
    from auratune.wiring import Service

_SHUTDOWN_SECONDS = 5
_SWITCH_SECONDS = 0.001
"""A busy thread lets another go on after so long; Python's own 5 ms are too long for one that answers requests."""
_MALLOC = {-8: 2, -3: 32 * 1024, -1: 1024 * 1024}
"""glibc's M_ARENA_MAX; M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in bytes."""
LOST_EXIT_CODE = 75
"""Exit code of a process that was silent for too long: a temporary failure, as sysexits.h calls it."""
_log = logging.getLogger(__name__)


Host = Annotated[str | None, typer.Option(help="Address to listen on [default: HOST or 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="Port to listen on [default: PORT or 8000]")]


def serve(host: Host = None, port: Port = None) -> None:
    """Start the service: the API, the page, and the work on films, all in one process."""
    answer(host, port, "serve")


def answer(host: str | None, port: int | None, role: Role) -> None:
    """Answer requests until a signal ends the process."""
    # Photos and films are private: no other user of this machine may read what is written.
    os.umask(0o077)
    given: dict[str, Any] = {"host": host, "port": port}
    with plain_errors():
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        with _listen(settings) as listener:
            _print_banner(settings)
            _run(settings, listener, role)


def _run(settings: Settings, listener: socket.socket, role: Role) -> None:
    from auratune.web.app import create_app
    from auratune.web.connections import Server, server_config

    _give_memory_back()
    sys.setswitchinterval(_SWITCH_SECONDS)
    redactor = Redactor(settings.secrets)
    set_up_logging(settings.log_level, form=settings.log_format, redactor=redactor)
    # The server raises SIGTERM again when it has stopped; its default would end the process with the service open, and
    # an answer that is paid for would be lost.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    service = open_or_explain(settings, redactor, role)
    # What is there now stays; going through all of it would stop every answer for a tenth of a second now and then.
    gc.collect()
    gc.freeze()
    try:
        config = server_config(
            create_app(service, redactor=redactor),
            settings,
            # An open event stream would keep the server from stopping; unfinished tasks survive a stop anyway.
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        Server(config).run(sockets=[listener])
    finally:
        service.close()


def _give_memory_back() -> None:
    """Have what a crowd of uploads needed go back to the system; the C library would keep it, for each thread apart."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        for parameter, value in _MALLOC.items():
            mallopt(parameter, value)


def open_or_explain(settings: Settings, redactor: Redactor, role: Role) -> Service:
    """Open the service. Raises `AuraTuneError` alone, one sentence each: a traceback helps nobody who deploys."""
    try:
        return open_service(settings, role=role, on_lost=end_at_once)
    except AuraTuneError:
        raise
    except Exception as error:
        _log.debug("the service could not start", exc_info=True)
        reason = redactor.redact((str(error).strip() or type(error).__name__).splitlines()[0])
        raise InvalidSetting(
            f"The service could not start: {reason} (LOG_LEVEL=DEBUG shows where).", code="cannot_start"
        ) from error


def end_at_once() -> None:
    """End the process without another write: others work on its tasks now. A supervisor starts it anew."""
    os._exit(LOST_EXIT_CODE)


def _listen(settings: Settings) -> socket.socket:
    """The socket to serve on; `::` takes IPv4 callers too. Raises `InvalidSetting` when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with ExitStack() as unless_bound:
        try:
            listener = unless_bound.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if settings.host == "::" else 1)
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise InvalidSetting(
                f"PORT {settings.port} on HOST {settings.host} cannot be used ({error.strerror or error}); "
                f"for example PORT={settings.port + 1}",
                code="port_taken",
            ) from None
        unless_bound.pop_all()
        return listener


def _print_banner(settings: Settings) -> None:
    host = "localhost" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 -- compared, not bound
    address = f"http://{host}:{settings.port}"
    writer, composer = makers(settings)
    screen.print(
        f"\n  [bold]AuraTune[/] is starting at [bold cyan]{address}[/]\n"
        f"  Open it in a browser and drop a photo there; the API is described at /docs\n"
        f"  Words by {writer}, music by {composer}.\n"
    )
