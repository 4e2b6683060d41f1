"""Every setting with its type, unit and default; the entry points read them from the environment and `.env`."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from auratune.core.errors import InvalidSetting
from auratune.core.keys import clean_vendor_key, clean_webhook_secret, split_api_keys
from auratune.core.options import FRAME_RATES, LONGEST_FILM_SECONDS, SHORTEST_FILM_SECONDS, FilmFormat
from auratune.settings.addresses import checked_address
from auratune.settings.env_file import encoding_of, misspelt_names
from auratune.settings.examples import EXAMPLES

COMPOSER_NAMES = ("elevenlabs", "lyria", "acestep", "suno", "embedded")
_ENV_FILE = Path(".env")


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_blank_is_none)]
VendorKey = Annotated[SecretStr | None, BeforeValidator(clean_vendor_key)]
WebhookSecret = Annotated[SecretStr | None, BeforeValidator(clean_webhook_secret)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_is_none)]


class Settings(BaseSettings):
    """What the operator chose. A field's name is the variable's name in lower case."""

    model_config = SettingsConfigDict(env_file=_ENV_FILE, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    suno_api_key: VendorKey = Field(None, description="Suno key; a composer")
    suno_base_url: str = Field("https://studio-api.prod.suno.com/api/v2/external/hackmit", description="Suno API root")
    claude_api_key: VendorKey = Field(
        None,
        validation_alias=AliasChoices("CLAUDE_API_KEY", "ANTHROPIC_API_KEY"),
        description="Claude key; without it the built-in analyzer and writer are used",
    )
    anthropic_base_url: OptionalText = Field(None, description="Claude API root, if not the vendor's own")
    claude_model: str = Field("claude-sonnet-5-5", description="Claude model")
    claude_effort: Literal["none", "low", "medium", "high", "xhigh", "max"] = Field(
        "low", description="How hard Claude thinks; none leaves it to the model"
    )
    elevenlabs_api_key: VendorKey = Field(None, description="ElevenLabs key; a composer with sung and timed words")
    elevenlabs_base_url: OptionalText = Field(None, description="ElevenLabs API root, if not the vendor's own")
    elevenlabs_model: Literal["music_v1", "music_v2", "music_v2_5"] = Field(
        "music_v2_5", description="ElevenLabs model"
    )
    lyria_api_key: VendorKey = Field(None, description="Google AI key with billing; Lyria makes songs with it")
    lyria_base_url: OptionalText = Field(None, description="Google AI API root, if not the vendor's own")
    lyria_model: str = Field("lyria-3-clip-preview", description="Lyria model: a clip of 30 s, or a whole song")
    lyria_send_photo: bool = Field(False, description="true: the photo is sent to Lyria as an inspiration")
    acestep_url: OptionalText = Field(None, description="Address of your own ACE-Step 1.5 server; off without it")
    acestep_api_key: VendorKey = Field(None, description="Key of the ACE-Step server, where it asks for one")
    openai_model: OptionalText = Field(None, description="Vision model behind an OpenAI-compatible API; off without it")
    openai_base_url: str = Field("https://api.openai.com/v1", description="Root of that API, such as Ollama's")
    openai_api_key: VendorKey = Field(None, description="Key for that API; not needed on this machine")
    composers: str = Field(
        "elevenlabs,lyria,acestep,suno,embedded", description="Composers in the order they are tried"
    )
    first_cut: bool = Field(True, description="true: a film with built-in music while a vendor composes")
    strict_providers: bool = Field(False, description="true: a vendor's failure is final, no fallback")
    daily_paid_calls: int = Field(0, ge=0, le=1_000_000, description="Paid vendor calls per key and day; 0 is no cap")

    temp_dir: Path = Field(Path("temp"), description="Root of the local store and the database")
    database_url: OptionalText = Field(None, description="The database: SQLite in TEMP_DIR unless set")
    storage_url: OptionalText = Field(None, description="Where photos, songs and films are kept: TEMP_DIR unless set")
    storage_redirect: bool = Field(False, description="true: send downloads to the bucket itself by a signed address")
    aws_access_key_id: OptionalSecret = Field(None, description="Key of the bucket, if not the machine's own role")
    aws_secret_access_key: OptionalSecret = Field(None, description="Secret of the bucket's key")
    aws_endpoint_url: OptionalText = Field(None, description="Address of an S3-compatible store, if not AWS")
    aws_region: OptionalText = Field(None, description="Region of the bucket")

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    public_url: OptionalText = Field(None, description="Address that people use, such as https://films.example.org")
    trusted_proxies: str = Field("", description="Addresses of proxies whose forwarded headers count, or * for any")
    webhook_url: OptionalSecret = Field(None, description="Address that is told how each film ended; off without it")
    webhook_secret: WebhookSecret = Field(
        None, validate_default=True, description="Signs webhooks: whsec_ and base64; without it none are sent"
    )
    webhook_allow_private: bool = Field(False, description="true: callback_url may name addresses of this network")
    telegram_token: VendorKey = Field(None, description="Token of your Telegram bot, for auratune telegram")
    telegram_chats: str = Field("", description="Numbers of the chats that the bot works for, separated by commas")
    telegram_service_url: str = Field("http://127.0.0.1:8000", description="Where the bot finds the service")
    telegram_service_key: OptionalSecret = Field(None, description="The bot's key for the service, where it needs one")
    telegram_api_url: str = Field("https://api.telegram.org", description="Telegram Bot API root")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port for Prometheus without a key; 0 is none")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged")
    log_format: Literal["text", "json"] = Field("text", description="Shape of a log line")
    cors_origins: str = Field(
        "http://localhost:5173,http://127.0.0.1:5173,http://localhost:8080,http://127.0.0.1:8080",
        description="Origins of browser apps that may call the API",
    )
    auratune_api_keys: OptionalSecret = Field(None, description="name:secret pairs, separated by commas")
    auratune_open: bool = Field(False, description="true: no key needed even on a network, on purpose")
    rate_limit: int = Field(60, ge=1, le=100_000, description="Uploads, retries and remakes per caller per minute")
    queue_limit: int = Field(1000, ge=1, le=1_000_000, description="Tasks that wait at most")
    queue_limit_per_key: int = Field(300, ge=1, le=1_000_000, description="Tasks of one key that wait at most")
    least_free_mb: int = Field(256, ge=0, le=1_000_000, description="Free megabytes below which no photo is taken")
    max_file_size: int = Field(10 * 1024 * 1024, ge=1024, le=200 * 1024 * 1024, description="Largest photo in bytes")
    max_concurrent_tasks: int = Field(3, ge=1, le=64, description="Tasks processed at once on this node")
    cluster_concurrent_tasks: int = Field(0, ge=0, le=100_000, description="Tasks at once on all nodes; 0 is no limit")

    video_seconds: float = Field(
        30.0, ge=SHORTEST_FILM_SECONDS, le=LONGEST_FILM_SECONDS, description="Length of the film in seconds"
    )
    video_fps: int = Field(30, description="Frames per second: 24, 25, 30 or 60")
    video_short_edge: int = Field(1080, ge=120, le=2160, description="Largest short edge of the film in pixels")
    audio_codec: Literal["aac", "mp3"] = Field("aac", description="aac plays everywhere; mp3 keeps the song's stream")

    retain_days: float = Field(0.0, ge=0, le=36500, description="Days a finished task is kept; 0 is for ever")
    keep_sources: bool = Field(True, description="Whether photo and song stay, so that films can be remade")
    c2pa_certificate: OptionalText = Field(None, description="PEM file of the certificate that signs films")
    c2pa_private_key: OptionalText = Field(None, validate_default=True, description="PEM file of its private key")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("video_fps")
    @classmethod
    def _known_rate(cls, value: int) -> int:
        if value not in FRAME_RATES:
            raise ValueError("must be 24, 25, 30 or 60")
        return value

    @field_validator("composers")
    @classmethod
    def _known_composers(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if not names or any(name not in COMPOSER_NAMES for name in names):
            raise ValueError(f"may name only {', '.join(COMPOSER_NAMES)}")
        return ",".join(dict.fromkeys(names))

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            if not origin.startswith(("http://", "https://")):
                raise ValueError("must list origins that begin with http:// or https://")
        return value

    @field_validator("auratune_api_keys")
    @classmethod
    def _pairs(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            split_api_keys(value.get_secret_value())
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str | None) -> str | None:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql:// (or be left out)")
        return value

    @field_validator("storage_url")
    @classmethod
    def _storage(cls, value: str | None) -> str | None:
        if value and not (value.startswith("file:///") or (urlsplit(value).scheme == "s3" and urlsplit(value).netloc)):
            raise ValueError("must begin with file:/// or s3:// and a bucket (or be left out)")
        return value

    @field_validator("public_url")
    @classmethod
    def _bare_address(cls, value: str | None) -> str | None:
        if value and urlsplit(value).path.strip("/"):
            raise ValueError("must have no path")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _receiver(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(str(cls._address(value.get_secret_value())))

    @field_validator("webhook_secret", "c2pa_private_key")
    @classmethod
    def _signed(cls, value: Any, info: ValidationInfo) -> Any:
        user = "c2pa_certificate" if info.field_name == "c2pa_private_key" else "webhook_url"
        if value is None and info.data.get(user):
            raise ValueError(f"must be set along with {user.upper()}")
        return value

    @field_validator("telegram_chats")
    @classmethod
    def _numbers(cls, value: str) -> str:
        if any(not part.strip().removeprefix("-").isdecimal() for part in filter(str.strip, value.split(","))):
            raise ValueError("must list the numbers of chats")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                if part != "*":
                    ip_network(part, strict=False)
            except ValueError:
                raise ValueError("must list IP addresses or networks, or be * for any") from None
        return value

    @field_validator(
        "suno_base_url", "anthropic_base_url", "elevenlabs_base_url", "lyria_base_url", "acestep_url",
        "openai_base_url", "aws_endpoint_url", "public_url", "telegram_service_url", "telegram_api_url",
    )  # fmt: skip
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return None if value is None else checked_address(value)

    @property
    def api_keys(self) -> dict[str, str]:
        """Secrets by the name of their owner; empty when no keys are set."""
        return split_api_keys(self.auratune_api_keys.get_secret_value()) if self.auratune_api_keys else {}

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins that may call from a browser."""
        return tuple(part.strip() for part in self.cors_origins.split(",") if part.strip())

    @property
    def chats(self) -> frozenset[int]:
        """Chats that the Telegram bot works for."""
        return frozenset(int(part) for part in self.telegram_chats.split(",") if part.strip())

    @property
    def composer_order(self) -> tuple[str, ...]:
        """Composers in the order they are tried."""
        return tuple(self.composers.split(","))

    @property
    def is_local(self) -> bool:
        """Whether the service can only be reached from this machine."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def film_format(self) -> FilmFormat:
        """The film's shape where a request does not say otherwise."""
        return FilmFormat(
            length_seconds=self.video_seconds,
            fps=self.video_fps,
            short_edge_px=self.video_short_edge,
            long_edge_px=self.video_short_edge * 16 // 9,
            audio_codec=self.audio_codec,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that logs must not show: keys, and the passwords in addresses."""
        values = [value for _, value in self]
        keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        passwords = [urlsplit(value).password for value in values if isinstance(value, str) and "@" in value]
        return (*keys, *self.api_keys.values(), *filter(None, passwords))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over the environment, the environment wins over `.env`.

    Raises `InvalidSetting`: one sentence with the variable, what is wrong, and a right example.
    """
    try:
        return Settings(_env_file_encoding=encoding_of(_ENV_FILE), **overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]).upper()
        fault = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
        raise InvalidSetting(f"{name} {_plainly(fault)}; for example {name}={_example(name)}") from None


def misspelt_settings() -> dict[str, str]:
    """Names in `.env` that are no setting but nearly one, with that setting's name."""
    return dict(misspelt_names(_ENV_FILE, Settings.model_fields))


def _plainly(fault: str) -> str:
    fault = fault.rstrip(".")
    return fault if fault.startswith(("must", "may", "names")) else fault.replace("should be", "must be")


def _example(name: str) -> str:
    if name in EXAMPLES:
        return EXAMPLES[name]
    field = Settings.model_fields.get(name.lower())
    default = field.default if field else None
    return str(default).lower() if isinstance(default, bool) else str(default)
