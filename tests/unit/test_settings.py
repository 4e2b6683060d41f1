"""A wrong setting stops the start with one sentence; a right one is typed and masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auratune.core.errors import InvalidSetting
from auratune.settings import Settings, load_settings, misspelt_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_defaults_need_no_key_and_listen_only_on_this_machine() -> None:
    settings = load_settings()
    assert settings.is_local
    assert settings.secrets == ()
    assert settings.api_keys == {}
    assert settings.film_format.length_seconds == 30.0
    assert (settings.film_format.short_edge_px, settings.film_format.long_edge_px) == (1080, 1920)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("PORT", "abc", "valid integer"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("VIDEO_FPS", "29", "24, 25, 30 or 60"),
        ("VIDEO_SECONDS", "300", "less than or equal to 60"),
        ("MAX_FILE_SIZE", "1", "greater than or equal to 1024"),
        ("MAX_CONCURRENT_TASKS", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "loud", "'DEBUG'"),
        ("CORS_ORIGINS", "localhost", "http://"),
        ("AURATUNE_API_KEYS", "secret-without-name", "name:secret"),
        ("AURATUNE_API_KEYS", "a:secret-1,a:secret-2", "names a twice"),
        ("AURATUNE_API_KEYS", "a:secret-1,b:secret-1", "must give b a secret that nobody else has"),
        ("AURATUNE_API_KEYS", "a:x", "must give a a secret of at least 6 characters"),
        ("COMPOSERS", "mozart", "elevenlabs, lyria, acestep, suno, embedded"),
        ("SUNO_API_KEY", "two\nlines", "copy it again"),
        ("LYRIA_API_KEY", "zero\u200bwidth", "copy it again"),
        ("CLAUDE_API_KEY", "с-cyrillic", "copy it again"),
        ("ACESTEP_URL", "http://host\u200b:8001", "invisible"),
        ("WEBHOOK_SECRET", "whsec_c2hvcnQ=", "24 to 64 random bytes"),
        ("WEBHOOK_SECRET", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "must be whsec_"),
        ("WEBHOOK_URL", "hooks.example.org", "http://"),
        ("DATABASE_URL", "mysql://x", "sqlite:///"),
        ("SUNO_BASE_URL", "ftp://x", "http://"),
        ("SUNO_BASE_URL", "http://localhost:80o1", "must name a host, and a port"),
        ("OPENAI_BASE_URL", "http://localhost:99999/v1", "must name a host, and a port"),
        ("OPENAI_BASE_URL", "http://[::1/v1", "must name a host"),
        ("PUBLIC_URL", "https://", "must name a host"),
        ("LYRIA_BASE_URL", "http:///v1", "must name a host"),
        ("ACESTEP_URL", 'http://"localhost":8001', "must name a host"),
        ("ANTHROPIC_BASE_URL", "https://example.com/v1?x=1", "must end with a path"),
        ("ELEVENLABS_BASE_URL", "https://example.com/#f", "must end with a path"),
    ],
)
def test_a_wrong_value_is_named_explained_and_corrected_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSetting) as caught:
        load_settings()
    message = caught.value.message
    assert message.startswith(variable)
    assert fault in message
    assert f"for example {variable}=" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        (" https://example.com ", "https://example.com"),
        ("http://[::1]:8001", "http://[::1]:8001"),
        ("http://my_server.lan:1", "http://my_server.lan:1"),
        ("http://name:pass@192.168.0.7/api", "http://name:pass@192.168.0.7/api"),
    ],
)
def test_an_address_that_can_be_reached_is_taken(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", given)
    assert load_settings().openai_base_url == used


def test_the_example_in_the_sentence_is_itself_right(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, wrong in (
        ("PORT", "x"),
        ("KEEP_SOURCES", "maybe"),
        ("COMPOSERS", "bach"),
        ("AURATUNE_API_KEYS", "x"),
        ("WEBHOOK_SECRET", "x"),
    ):
        monkeypatch.setenv(variable, wrong)
        with pytest.raises(InvalidSetting) as caught:
            load_settings()
        monkeypatch.setenv(variable, caught.value.message.rpartition(f"{variable}=")[2])
        load_settings()
        monkeypatch.delenv(variable)


def test_a_secret_never_shows_in_the_error_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURATUNE_API_KEYS", "hunter2-without-a-name")
    with pytest.raises(InvalidSetting) as caught:
        load_settings()
    assert "hunter2" not in caught.value.message


def test_either_name_of_the_claude_key_works_and_an_empty_one_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().claude_api_key is None
    monkeypatch.setenv("CLAUDE_API_KEY", "")
    assert load_settings().claude_api_key is None
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key")
    settings = load_settings()
    assert settings.secrets == ("canary-key",)
    assert "canary-key" not in repr(settings)


def test_blanks_and_line_ends_around_a_key_are_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", "  sk_one\r\n")
    assert load_settings().secrets == ("sk_one",)


def test_settings_come_from_a_dotenv_file_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("VIDEO_SECONDS=12\nAURATUNE_API_KEYS=ann:secret-1, bob:secret-2\n")
    settings = load_settings()
    assert settings.film_format.length_seconds == 12.0
    assert settings.api_keys == {"ann": "secret-1", "bob": "secret-2"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_a_dotenv_file_is_read_however_an_editor_saved_it(tmp_path: Path, encoding: str) -> None:
    text = "# Größe des Films\r\nVIDEO_SECONDS=12\r\nSUNO_API_KEY=canary-suno\r\n"
    (tmp_path / ".env").write_bytes(text.encode(encoding))
    settings = load_settings()
    assert settings.video_seconds == 12.0
    assert settings.secrets == ("canary-suno",)


def test_a_dotenv_file_that_is_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\0\xd8\0")
    with pytest.raises(InvalidSetting, match="save it anew as UTF-8"):
        load_settings()


@pytest.mark.parametrize("line", ["set PORT=8123", "PORT: 8123", '$env:PORT="8123"', "=8123"])
def test_a_line_of_a_dotenv_file_that_would_be_passed_over_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"# film\nVIDEO_SECONDS=12\n{line}\n")
    with pytest.raises(InvalidSetting, match=r"Line 3 of the file \.env cannot be read"):
        load_settings()


def test_a_folder_in_place_of_the_dotenv_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(InvalidSetting, match="is a folder here"):
        load_settings()


def test_a_misspelt_name_in_a_dotenv_file_is_told_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SUNO_KEY=abc\nVIDEO_SECOND=12\nPOSTGRES_PASSWORD=x\nport=8123\n")
    assert misspelt_settings() == {"SUNO_KEY": "SUNO_API_KEY", "VIDEO_SECOND": "VIDEO_SECONDS"}


def test_an_address_for_webhooks_needs_their_secret_and_both_stay_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://hooks.example.org/canary-token/")
    with pytest.raises(InvalidSetting) as caught:
        load_settings()
    assert (
        "WEBHOOK_SECRET must be set along with WEBHOOK_URL; for example WEBHOOK_SECRET=whsec_" in caught.value.message
    )
    monkeypatch.setenv("WEBHOOK_SECRET", caught.value.message.rpartition("WEBHOOK_SECRET=")[2])
    settings = load_settings()
    assert "https://hooks.example.org/canary-token" in settings.secrets
    assert "canary-token" not in repr(settings)


def test_the_password_in_a_database_address_is_a_secret() -> None:
    settings = Settings.model_construct(database_url="postgresql://auratune:canary-pass@db/auratune")
    assert settings.secrets == ("canary-pass",)
