"""The bot: reads messages, has a film made of each photo, shows how far it is, and sends it back.

A photo is written down before Telegram may forget it, and its upload carries the update's number as an idempotency key:
whatever happens in between, no photo is lost and none becomes two films. Only when the process dies between sending a
film and noting that is the film sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auratune.core.errors import InvalidSetting
from auratune.subprocesses.folders import remove_stale_folders, temporary_folder
from auratune.telegram.bot_api import MOST_FILM_BYTES
from auratune.telegram.errors import ChatGone, Refused, TryLater
from auratune.telegram.messages import HELP, Job, job_of

if TYPE_CHECKING:
    from auratune.telegram.bot_api import BotApi
    from auratune.telegram.jobs import Jobs
    from auratune.telegram.service_api import ServiceApi

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_AT_ONCE = 16
_MOST_STRANGERS = 1000
"""So many are answered, once each, until the bot is started again."""
_log = logging.getLogger(__name__)


class Bot:
    """One bot for the chats on its list."""

    def __init__(
        self,
        telegram: BotApi,
        service: ServiceApi,
        jobs: Jobs,
        *,
        chats: frozenset[int],
        look_seconds: float = 3.0,
        first_pause_seconds: float = _FIRST_PAUSE_SECONDS,
        most_film_bytes: int = MOST_FILM_BYTES,
    ) -> None:
        """`look_seconds` lie between two looks at a film's progress; Telegram allows 20 changes a minute in a group."""
        self._telegram = telegram
        self._service = service
        self._jobs = jobs
        self._chats = chats
        self._look_seconds = look_seconds
        self._first_pause_seconds = first_pause_seconds
        self._most_film_bytes = most_film_bytes
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._strangers: set[int] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    async def name(self) -> str:
        """The bot's user name. Raises `InvalidSetting` when Telegram does not know the token."""
        return str(await self._persist(self._telegram.check))

    async def run(self) -> None:
        """Work until it is cancelled. Raises `InvalidSetting` when Telegram does not take the bot's requests."""
        remove_stale_folders()
        try:
            for job in self._jobs.all():
                self._begin(job)
            while True:
                for update in await self._persist(self._telegram.updates, self._jobs.offset):
                    await self._read(update)
        except (Refused, ChatGone):
            raise InvalidSetting("TELEGRAM_API_URL does not answer as Telegram's Bot API does; check it.") from None
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _read(self, update: dict[str, Any]) -> None:
        message = update.get("message") or {}
        chat_id = (message.get("chat") or {}).get("id")
        job = job_of(update) if chat_id in self._chats else None
        if chat_id in self._chats and job is None:
            await self._answer(chat_id, HELP)
        elif chat_id is not None and job is None and self._is_new(chat_id):
            await self._answer(chat_id, _stranger(chat_id))
        self._jobs.read(update["update_id"], job)
        if job:
            self._begin(job)

    async def _answer(self, chat_id: int, text: str) -> None:
        with contextlib.suppress(TryLater, Refused, ChatGone):
            await self._telegram.send(chat_id, text)

    def _is_new(self, chat_id: int) -> bool:
        """Whether a stranger was never answered: whoever writes a thousand times must not keep others waiting."""
        if chat_id in self._strangers or len(self._strangers) == _MOST_STRANGERS:
            return False
        self._strangers.add(chat_id)
        return True

    def _begin(self, job: Job) -> None:
        task = asyncio.ensure_future(self._work(job))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _work(self, job: Job) -> None:
        async with self._places:
            try:
                await self._make(job)
            except ChatGone:
                _log.warning("a chat is closed to the bot; its film stays in the library")
            except Refused as refusal:
                with contextlib.suppress(TryLater, Refused, ChatGone):
                    await self._telegram.send(job.chat_id, str(refusal), reply_to=job.message_id)
            except Exception:
                _log.exception("a photo could not be worked on")
                raise
            self._jobs.end(job)

    async def _make(self, job: Job) -> None:
        if not job.reply_id:
            text = "I have your photo."
            reply_id = await self._persist(self._telegram.send, job.chat_id, text, reply_to=job.message_id)
            job = self._jobs.change(replace(job, reply_id=reply_id))
        with temporary_folder() as folder:
            if not job.task_id:
                photo = folder / "photo"
                await self._persist(self._telegram.download, job.file_id, photo)
                key = f"telegram-{job.update_id}"
                task_id = await self._persist(self._service.upload, photo, job.filename, job.options, key)
                job = self._jobs.change(replace(job, task_id=task_id))
            await self._follow(job)
            await self._send_film(job, folder / "film.mp4")

    async def _follow(self, job: Job) -> None:
        """Show how far the film is until it is there. Raises `Refused` when it will not be."""
        shown = ""
        while True:
            progress = await self._persist(self._service.progress, job.task_id)
            if progress.status == "done":
                return
            if progress.is_final:
                raise Refused(progress.error)
            if progress.line != shown:
                shown = progress.line
                await self._persist(self._telegram.edit, job.chat_id, job.reply_id, shown)
            await asyncio.sleep(self._look_seconds)

    async def _send_film(self, job: Job, path: Path) -> None:
        facts = await self._persist(self._service.facts, job.task_id)
        if facts.size_bytes > self._most_film_bytes:
            limit = self._most_film_bytes // 1024 // 1024
            raise Refused(f"The film is larger than a bot may send ({limit} MB). It is here: {facts.share_url}")
        await self._persist(self._service.download, job.task_id, path)
        await self._persist(
            self._telegram.send_video,
            job.chat_id,
            path,
            caption=facts.title,
            width=facts.width,
            height=facts.height,
            seconds=facts.seconds,
            reply_to=job.message_id,
        )
        await self._persist(self._telegram.edit, job.chat_id, job.reply_id, "Here is your film.")

    async def _persist(self, call: Any, *arguments: Any, **named: Any) -> Any:
        """What a call returns; it is made again, with growing pauses, as long as it says that later may work."""
        pause = self._first_pause_seconds
        while True:
            try:
                return await call(*arguments, **named)
            except TryLater as error:
                _log.warning("%s; trying again", error)
                await asyncio.sleep(max(pause, error.wait_seconds))
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)


def _stranger(chat_id: int) -> str:
    return (
        f"This bot works only for chats that its operator has named. Ask them to add {chat_id} to TELEGRAM_CHATS and "
        "to start the bot again."
    )
