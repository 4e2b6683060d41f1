"""A library of version 0.1 opens: its films are shown with files of their own, and what was under way goes on."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.recovery.quick_providers import BRIEF, SCENE, TREATMENT, VENDOR
from tests.unit.tasks.conftest import OWNER

from auratune.core import serialization
from auratune.core.film import Film
from auratune.core.options import FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.song import Song, SongRequest
from auratune.core.task import PaidState, Status
from auratune.tasks.database import Database
from auratune.tasks.schema import upgrade as schema_upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.tasks.conftest import ServiceDriver

AT = 1_790_000_000_000_000
FILM_FILES = ("output/{}.mp4", "output/{}.jpg", "output/{}.lrc", "music/{}.film.mp3", "music/{}.mp3", "photos/{}.jpg")


def text(value: Any) -> str:
    return serialization.dumps(value).decode().replace('"Options"', '"Wishes"').replace('"SongRequest"', '"Order"')


class OldLibrary:
    """The tables of migration 0001 with rows as version 0.1 wrote them, and its folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = Database(folder)
        config = Config()
        config.set_main_option("script_location", str(schema_upgrade._MIGRATIONS))

        def make(connection: sa.Connection) -> None:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")

        self._database.write(make)

    def insert(self, table: str, **values: Any) -> None:
        columns = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        statement = sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})")
        self._database.write(lambda connection: connection.execute(statement, values))

    def task(self, *, status: str, round: int = 1, film_round: int = 0, song_of: str = "", **values: Any) -> str:
        task_id = str(uuid.uuid4())
        origin = song_of or task_id
        photo = Photo(key=f"photos/{origin}.jpg", width_px=64, height_px=48, content_hash=task_id[:8] * 8, seed=1)
        film = Film(
            key=f"output/{task_id}.mp4",
            poster_key=f"output/{task_id}.jpg",
            soundtrack_key=f"music/{task_id}.film.mp3",
            captions_key="",
            width_px=320,
            height_px=240,
            fps=30,
            length_seconds=6.0,
            size_bytes=40,
            checksum="ab" * 32,
        )
        row = {
            "error_code": "",
            "error_message": "",
            "retryable": False,
            "upload_name": "IMG.jpg",
            "made_from": song_of,
        }
        row |= {"title": "Low Sun", "caption": "", "lyrics": "", "style": "golden", "words_by": "quick"}
        row |= {"music_by": "quick", "notices": text(()), "film": text(film) if film_round else None, "size_bytes": 40}
        row |= {"sources_kept": True, "expired": False, "fraction": 0.0, "progress": 0, "message": "As it was."}
        row |= {"stage": "finished" if status == "done" else "observe", "photo": text(photo), "wishes": text(Options())}
        self.insert(
            "tasks",
            **row
            | {"task_id": task_id, "owner": OWNER, "content_hash": photo.content_hash, "created_at": AT}
            | {"modified_at": AT, "status": status, "round": round, "film_round": film_round}
            | values,
        )
        song = Song(key=f"music/{origin}.mp3", music_by="quick", length_seconds=6.0, brief=BRIEF)
        parts = {"observe": SCENE, "write": TREATMENT}
        if film_round:
            parts |= {"order": SongRequest(music_by="quick", brief=BRIEF), "compose": song, "render": film}
        for part, value in parts.items():
            self.insert(
                "task_parts",
                task_id=task_id,
                round=film_round or round,
                part=part,
                value=text(value),
                seconds=1.0,
                made_at=AT,
            )
        for name in FILM_FILES if film_round else ("photos/{}.jpg",):
            path = self._folder / name.format(task_id)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(name.encode())
        return task_id

    def close(self) -> None:
        self._database.close()


def test_a_library_of_the_first_version_opens_and_goes_on(real_driver: ServiceDriver) -> None:
    if real_driver.backend.database_url:
        pytest.skip("version 0.1 knew no other database than SQLite")
    real_driver.folder.mkdir(exist_ok=True)
    old = OldLibrary(real_driver.folder)
    film = old.task(status="done", film_round=1)
    remade = old.task(status="done", film_round=1, song_of=film)
    restored = old.task(status="done", round=3, film_round=1)
    live = old.task(status="generating")
    failed = old.task(status="error", error_code="work_failed", error_message="It broke.", retryable=True)
    for number, state in ((1, "intent"), (2, "intent"), (3, "done")):
        old.insert(
            "paid_calls",
            task_id=failed,
            vendor=VENDOR,
            attempt=number,
            owner=OWNER,
            purpose="music",
            at=AT + number,
            request_hash="h",
            round=1,
            state=state,
            reference="clip-1" if state == "done" else "",
            units=text({}),
        )
    old.close()
    service = real_driver.open()
    assert real_driver.wait(live).status is Status.DONE
    page = service.page(OWNER)
    assert page.total_count == 5
    for task_id in (film, remade, restored):
        shown = service.find(task_id, OWNER)
        assert (shown.status, shown.title, shown.duration_seconds) == (Status.DONE, "Low Sun", 6.0)
        key = service.film_key(task_id, OWNER, "film")
        assert key.startswith(f"tasks/{task_id}/")
        assert (real_driver.folder / key).read_bytes() == b"output/{}.mp4"
        assert (real_driver.folder / service.film_key(task_id, OWNER, "soundtrack")).exists()
    assert not [name for name in real_driver.files() if not name.startswith("tasks/")]
    assert [call.state for call in service.find(failed, OWNER).receipt] == [
        PaidState.INTENT,
        PaidState.INTENT,
        PaidState.DONE,
    ]
    # Everything can be done with it that can be done with a new one.
    service.delete(film, OWNER)
    noir = Options(style="noir", format=replace(FilmFormat(), length_seconds=6.0))
    assert real_driver.wait(service.remake(remade, OWNER, noir).task_id).status is Status.DONE
    service.retry(restored, OWNER, music=VENDOR)
    assert real_driver.wait(restored).music_by == VENDOR
    service.retry(failed, OWNER)
    assert real_driver.wait(failed).status is Status.DONE
    real_driver.open()
    assert service.page(OWNER).total_count == 5
