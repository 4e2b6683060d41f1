"""`auratune telegram`: a Telegram bot in front of a running service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

from auratune.cli.console import plain_errors, screen
from auratune.core.errors import InvalidSetting
from auratune.settings import load_settings
from auratune.telemetry import Redactor, set_up_logging
from auratune.wiring import data_folder

if TYPE_CHECKING:
    from auratune.settings import Settings

MEMORY = "telegram.json"
"""In TEMP_DIR: what the bot has read, and has under way."""


def telegram() -> None:
    """Take photos by a Telegram bot and send the films back; the service must be running."""
    os.umask(0o077)
    with plain_errors():
        settings = load_settings()
        if not settings.telegram_token:
            raise InvalidSetting("TELEGRAM_TOKEN is not set; ask @BotFather in Telegram for one.")
        set_up_logging(settings.log_level, form=settings.log_format, redactor=Redactor(settings.secrets))
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_run(settings, settings.telegram_token.get_secret_value()))


async def _run(settings: Settings, token: str) -> None:
    from auratune.telegram.bot import Bot
    from auratune.telegram.bot_api import BotApi
    from auratune.telegram.jobs import Jobs
    from auratune.telegram.service_api import ServiceApi

    running = asyncio.current_task()
    assert running
    # Windows has no such handlers; there Ctrl-C ends it, and what is under way goes on after the next start as well.
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    key = settings.telegram_service_key
    telegram = BotApi(token, settings.telegram_api_url)
    service = ServiceApi(settings.telegram_service_url, key.get_secret_value() if key else "")
    try:
        bot = Bot(telegram, service, Jobs(data_folder(settings) / MEMORY), chats=settings.chats)
        _print_banner(await bot.name(), settings)
        await bot.run()
    finally:
        await telegram.close()
        await service.close()


def _print_banner(name: str, settings: Settings) -> None:
    screen.print(f"  [bold]AuraTune[/] takes photos at [bold cyan]https://t.me/{name}[/] (SIGTERM stops it).")
    if not settings.chats:
        screen.print("  Write to it: it tells the number that belongs into TELEGRAM_CHATS.")
