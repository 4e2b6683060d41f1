"""What the service stands on: one service per folder, tables that come by migration, checkpoints without pickle."""

from __future__ import annotations

import contextlib
import pickle
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from auratune.core.errors import AuraTuneError, InvalidSetting, ProviderBusy
from auratune.core.photo import Photo
from auratune.core.task import Stage
from auratune.tasks.database import Database
from auratune.tasks.folder_lock import FolderLock
from auratune.tasks.schema import upgrade as schema_upgrade
from auratune.tasks.schema.tables import metadata
from auratune.tasks.schema.upgrade import HEAD, upgrade
from auratune.tasks.serializer import CheckpointCodec
from auratune.tasks.stage_policies import STAGE_POLICIES, wait_before

if TYPE_CHECKING:
    from tests.unit.tasks.conftest import ServiceDriver


def test_a_second_service_on_the_same_folder_does_not_start(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    first.take()
    code = (
        "from pathlib import Path; from auratune.tasks.folder_lock import FolderLock\n"
        f"FolderLock(Path({str(tmp_path)!r})).take()"
    )
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "TEMP_DIR" in second.stderr


def test_a_connection_given_back_after_the_database_was_closed_does_not_stay_open(tmp_path: Path) -> None:
    database = Database(tmp_path)
    connection = database.engine.connect()
    raw = connection.connection.dbapi_connection
    assert raw is not None
    database.close()
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.cursor().execute("SELECT 1")


def test_a_service_that_could_not_start_lets_go_of_the_folder(driver: ServiceDriver) -> None:
    driver.open()
    other = FolderLock(driver.folder)
    with pytest.raises(InvalidSetting) as caught:
        other.take()
    assert str(driver.folder) not in caught.value.message
    driver.close()
    other.take()
    other.release()
    driver.open()


def test_a_folder_that_cannot_be_written_to_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidSetting, match="TEMP_DIR"):
        FolderLock(tmp_path / "file" / "data").take()


@pytest.mark.parametrize("url", ["mysql://x", "postgres", "http://x/y"])
def test_a_database_address_of_another_kind_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSetting, match="postgresql://"):
        Database(tmp_path, url)


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    with Database(tmp_path).engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2}


def test_a_write_is_undone_as_a_whole(tmp_path: Path) -> None:
    database = Database(tmp_path)
    upgrade(database)

    def half(connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO budgets VALUES ('a', 1.0)"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(half)
    assert database.read(lambda connection: connection.scalar(sa.text("SELECT count(*) FROM budgets"))) == 0


def test_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    database = Database(tmp_path)
    upgrade(database)
    with database.engine.connect() as connection:
        # SQLite makes the tables of a full-text index itself.
        ours = {"include_name": lambda name, kind, parents: not str(name).startswith("search_index")}
        differences = compare_metadata(MigrationContext.configure(connection, opts=ours), metadata)
    assert differences == []


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    files = sorted((Path(schema_upgrade.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
    assert files[-1].name.startswith(f"{HEAD}_")


def test_a_start_that_died_amid_migrations_begins_them_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path)
    real = schema_upgrade._migrate

    def die_at_the_end(connection: sa.Connection) -> None:
        real(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(schema_upgrade, "_migrate", die_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        upgrade(database)
    assert sa.inspect(database.engine).get_table_names() == []
    monkeypatch.setattr(schema_upgrade, "_migrate", real)
    upgrade(database)
    upgrade(database)


def test_checkpoints_are_readable_text_and_errors_come_back_as_they_were() -> None:
    codec = CheckpointCodec()
    photo = Photo(key="k", width_px=2, height_px=3, content_hash="aa", seed=1)
    assert codec.deserialize(codec.serialize(photo)) == photo
    assert codec.deserialize(codec.serialize({"args": (photo, 1), "kwargs": {}})) == {"args": (photo, 1), "kwargs": {}}
    error = codec.deserialize(codec.serialize(ProviderBusy("Busy.", provider="suno", retry_after_seconds=3)))
    assert isinstance(error, ProviderBusy)
    assert (error.message, error.provider, error.retry_after_seconds, error.retryable) == ("Busy.", "suno", 3, True)


def test_an_unknown_error_comes_back_as_a_plain_one_and_pickle_as_none_at_all() -> None:
    codec = CheckpointCodec()
    error = codec.deserialize(codec.serialize(ValueError("/a/path")))
    assert type(error) is AuraTuneError
    assert "/a/path" not in codec.serialize(ValueError("/a/path"))
    with pytest.raises(Exception, match=r"JSON|utf|malformed"):
        codec.deserialize(pickle.dumps(1).decode("latin-1"))


@pytest.mark.parametrize("backend_name", ["single-machine"])
def test_nothing_in_the_database_is_pickled(driver: ServiceDriver) -> None:
    task = driver.finished()
    driver.close()
    # Read through SQLite: the engine's last note may not be in the database's main file yet.
    with contextlib.closing(sqlite3.connect(driver.folder / "auratune.db")) as connection:
        raw = "\n".join(connection.iterdump())
    assert task.task_id in raw
    # A pickle as base64, or as bytes, which a dump writes as hex.
    assert not re.search(r"gASV|(?i:X'80049)", raw)


def test_every_stage_of_the_pipeline_has_a_policy() -> None:
    assert set(STAGE_POLICIES) == set(Stage) - {Stage.QUEUED, Stage.FINISHED}
    assert [wait_before(attempt, None) for attempt in (0, 1, 2)] == [1, 2, 4]
    assert wait_before(0, 7.5) == 7.5
    assert wait_before(0, 7200) == 60


def test_the_service_process_carries_no_heavy_library() -> None:
    code = (
        "import sys; import auratune.tasks.service, auratune.pipeline\n"
        "heavy = {'numpy', 'cv2', 'av', 'scipy', 'PIL', 'alembic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
