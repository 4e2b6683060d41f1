"""A photo that is sent to the Telegram bot comes back as a film, whatever happens on the way."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from tests.simulators.telegram import TOKEN, TelegramSimulator
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.conftest import RunningServer, jpeg
from typer.testing import CliRunner

from auratune.cli import app
from auratune.core.errors import InvalidSetting
from auratune.core.task import Stage, Status
from auratune.telegram.bot import Bot
from auratune.telegram.bot_api import BotApi
from auratune.telegram.jobs import Jobs
from auratune.telegram.messages import options_of
from auratune.telegram.service_api import ServiceApi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALICE, STRANGER = 7001, 7002


@pytest.fixture
def telegram() -> Iterator[TelegramSimulator]:
    with TelegramSimulator() as telegram:
        yield telegram


@contextmanager
def running_bot(telegram: TelegramSimulator, service_url: str, memory: Path, **options: Any) -> Iterator[None]:
    """A bot in a thread, which is stopped like a process: in the middle of whatever it does."""
    loop = asyncio.new_event_loop()

    async def work() -> None:
        api, service = BotApi(TOKEN, telegram.url), ServiceApi(service_url, "")
        quick = {"look_seconds": 0.02, "first_pause_seconds": 0.02, **options}
        try:
            await Bot(api, service, Jobs(memory), chats=frozenset({ALICE}), **quick).run()
        finally:
            await api.close()
            await service.close()

    async def until_cancelled() -> None:
        with suppress(asyncio.CancelledError):
            await work()

    task = loop.create_task(until_cancelled())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(DEADLINE_SECONDS)
        loop.close()


@pytest.fixture
def bot(telegram: TelegramSimulator, server: RunningServer, tmp_path: Path) -> Iterator[None]:
    with running_bot(telegram, server.address, tmp_path / "telegram.json"):
        yield


def _only_task(server: RunningServer) -> str:
    return wait_until(lambda: next(iter(server.tasks.tasks), ""), "the service has the photo")


def _finish(server: RunningServer) -> str:
    task_id = _only_task(server)
    server.tasks.finish(task_id, title="Low Sun", width_px=320, height_px=240, duration_seconds=5.6)
    return task_id


def test_a_photo_comes_back_as_a_film_and_its_progress_is_shown(
    telegram: TelegramSimulator, server: RunningServer, bot: None
) -> None:
    telegram.send_photo(ALICE, jpeg())
    task_id = _only_task(server)
    server.tasks.change(
        task_id,
        status=Status.CONVERTING,
        stage=Stage.RENDER,
        progress=62,
        message="Drawing the film…",
        eta_seconds=11.4,
    )
    chat = telegram.chat(ALICE)
    wait_until(lambda: chat.shown == ["Drawing the film: 62 %, about 11 s left"], "the progress is shown")
    _finish(server)
    wait_until(lambda: chat.shown == ["Here is your film."], "the film is there")
    [film] = chat.films
    assert {name: film[name] for name in ("caption", "width", "height", "duration", "bytes")} == {
        "caption": "Low Sun",
        "width": "320",
        "height": "240",
        "duration": "6",
        "bytes": "4000",
    }
    assert server.tasks.uploads[0].size_bytes == len(jpeg()), "the largest size of the photo is taken"


def test_a_picture_sent_as_a_file_brings_its_wishes_along(
    telegram: TelegramSimulator, server: RunningServer, bot: None
) -> None:
    telegram.send_photo(ALICE, jpeg(), caption="style: noir\naspect: 9:16\nlyrics:\nOne\nTwo", as_file=True)
    _only_task(server)
    upload = server.tasks.uploads[0]
    assert (upload.filename, upload.options.style, upload.options.lyrics) == ("hills.jpg", "noir", "One\nTwo")
    assert upload.options.format.aspect == "9:16"


@pytest.mark.parametrize(
    ("caption", "options"),
    [
        ("", {}),
        ("golden", {"style": "golden"}),
        ("first line\nsecond line", {"lyrics": "first line\nsecond line"}),
        ("Style: noir\nsome words", {"style": "noir", "lyrics": ""}),
        ("Note: at the sea", {"style": "Note: at the sea"}),
        ("seconds: 20\nlyrics: a\ntitle: b", {"seconds": "20", "lyrics": "a\ntitle: b"}),
    ],
)
def test_a_caption_is_read_as_people_write_it(caption: str, options: dict[str, str]) -> None:
    assert options_of(caption) == {name: value for name, value in options.items() if value}


def test_what_the_service_refuses_or_cannot_make_is_told_in_its_words(
    telegram: TelegramSimulator, server: RunningServer, bot: None
) -> None:
    chat = telegram.chat(ALICE)
    telegram.send_photo(ALICE, b"no picture at all")
    wait_until(lambda: any("not an image" in text or "picture" in text for text in chat.shown[1:]), "it is refused")
    telegram.send_photo(ALICE, jpeg(), caption="aspect: 7:5")
    wait_until(lambda: any("`aspect` must be one of" in text for text in chat.shown), "the option is refused")
    telegram.send_photo(ALICE, jpeg())
    server.tasks.change(
        _only_task(server), status=Status.ERROR, error_message="Suno is out of order; try again later.", error_code="x"
    )
    wait_until(lambda: "Suno is out of order; try again later." in chat.shown, "the failure is told")
    assert chat.films == []


def test_strangers_hear_their_number_once_and_texts_are_answered_with_help(
    telegram: TelegramSimulator, server: RunningServer, bot: None
) -> None:
    for _ in range(3):
        telegram.send_photo(STRANGER, jpeg())
    telegram.send_text(ALICE, "/start")
    wait_until(lambda: telegram.chat(ALICE).shown, "the help is sent")
    assert telegram.chat(ALICE).shown[0].startswith("Send me a photo")
    (told,) = telegram.chat(STRANGER).shown
    assert "add 7002 to TELEGRAM_CHATS" in told
    assert server.tasks.uploads == []


def test_on_a_bad_day_of_telegram_the_film_arrives_all_the_same(
    telegram: TelegramSimulator, server: RunningServer, bot: None
) -> None:
    for method in ("getUpdates", "sendMessage", "getFile", "editMessageText", "sendVideo"):
        telegram.faults.plan(method, "gateway_502", "reset_before", "garbage_200")
    telegram.faults.plan("file", "gateway_502", "reset_before")
    telegram.faults.plan("getUpdates", "conflict")
    telegram.faults.plan("sendVideo", "429:1")
    telegram.send_photo(ALICE, jpeg())
    _finish(server)
    wait_until(lambda: telegram.chat(ALICE).films, "the film has arrived")
    wait_until(lambda: telegram.chat(ALICE).shown[-1] == "Here is your film.", "all is well")
    assert len(server.tasks.tasks) == len(telegram.chat(ALICE).films) == 1


def test_no_photo_is_lost_and_none_becomes_two_films_when_the_bot_and_the_service_stop(
    telegram: TelegramSimulator, server: RunningServer, tmp_path: Path
) -> None:
    memory = tmp_path / "telegram.json"
    number = telegram.send_photo(ALICE, jpeg())
    with running_bot(telegram, "http://127.0.0.1:9", memory):
        wait_until(lambda: telegram.chat(ALICE).shown and telegram.asked[-1] == "getUpdates", "the photo is read")
    with running_bot(telegram, server.address, memory):
        _only_task(server)
    # As if the bot had died before it wrote down that it read the photo.
    memory.unlink()
    telegram.again(number)
    with running_bot(telegram, server.address, memory):
        _finish(server)
        wait_until(lambda: "Here is your film." in telegram.chat(ALICE).shown, "the film is there")
        wait_until(lambda: not Jobs(memory).all(), "the bot has noted that nothing is left to do")
    assert len(server.tasks.tasks) == len(telegram.chat(ALICE).films) == 1
    assert {upload.idempotency_key for upload in server.tasks.uploads} == {f"telegram-{number}"}
    assert Jobs(memory).all() == []


def test_a_film_that_is_too_large_is_told_as_a_link(
    telegram: TelegramSimulator, server: RunningServer, tmp_path: Path
) -> None:
    with running_bot(telegram, server.address, tmp_path / "telegram.json", most_film_bytes=100):
        telegram.send_photo(ALICE, jpeg())
        _finish(server)
        wait_until(lambda: any("/s/" in text for text in telegram.chat(ALICE).shown), "the link is told")
    assert telegram.chat(ALICE).films == []


def test_a_chat_that_blocked_the_bot_is_given_up_and_others_go_on(
    telegram: TelegramSimulator, server: RunningServer, tmp_path: Path
) -> None:
    telegram.faults.plan("sendMessage", "blocked")
    telegram.faults.plan("getFile", "too_big")
    memory = tmp_path / "telegram.json"
    telegram.send_photo(ALICE, jpeg())
    with running_bot(telegram, server.address, memory):
        wait_until(lambda: "sendMessage" in telegram.asked and not Jobs(memory).all(), "the first photo is given up")
        telegram.send_photo(ALICE, jpeg())
        wait_until(lambda: any("20 MB" in text for text in telegram.chat(ALICE).shown), "the second is answered")


def test_a_wrong_token_ends_the_command_with_one_sentence_that_does_not_hold_it(
    telegram: TelegramSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_API_URL", telegram.url)
    assert "TELEGRAM_TOKEN is not set" in CliRunner().invoke(app, ["telegram"]).output
    monkeypatch.setenv("TELEGRAM_TOKEN", "123456:canary-wrong")
    monkeypatch.setenv("TELEGRAM_CHATS", "7001, -1002")
    result = CliRunner().invoke(app, ["telegram"])
    assert result.exit_code == 1
    assert "copy it again from @BotFather" in result.output.replace("\n", " ")
    assert "canary-wrong" not in result.output
    assert "Traceback" not in result.output


def test_a_damaged_memory_is_named_and_not_written_over(tmp_path: Path) -> None:
    memory = tmp_path / "telegram.json"
    memory.write_text("{")
    with pytest.raises(InvalidSetting, match=r"telegram\.json"):
        Jobs(memory)
    assert memory.read_text() == "{"
