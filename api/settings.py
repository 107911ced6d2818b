"""What can be set, each by an option, by its ``BESSLINE_`` variable, or by the default that stands here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.times import parse_time
from api.webhook import check_webhook
from bessline.analyst.log import KEPT
from bessline.errors import BadParameter
from bessline.store.retention import parse_keeping

DEFAULT_STORE = Path("bessline-store")
_LISTS = ("data", "cors_origin", "keys", "keep")


class Settings(BaseSettings):
    """Settings of a server. Lists are comma separated in a variable."""

    model_config = SettingsConfigDict(env_prefix="BESSLINE_", env_ignore_empty=True, frozen=True, extra="forbid")

    store: Annotated[Path | None, Field(description="folder of the store; ./bessline-store where absent")] = None
    data: Annotated[tuple[Path, ...], NoDecode, Field(description="sources to take in before serving")] = ()
    new: Annotated[bool, Field(description="begin a store for live input where there is none")] = False
    timezone: Annotated[str | None, Field(description="zone of stamps that carry none")] = None
    describe: Annotated[Path | None, Field(description="YAML that describes the sources")] = None
    prefix: Annotated[str, Field(description="put before every device's name")] = ""
    workers: Annotated[int | None, Field(ge=0, description="processes of an ingest; one a core where absent")] = None
    demo: Annotated[Path, Field(description="folder of the demo plant, for where there is no store and no data")] = (
        Path("bessline-demo")
    )
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port to listen on; 0 takes a free one")] = 8002
    live_interval: Annotated[float, Field(ge=0.01, le=3600, description="seconds between two live rows")] = 1.0
    live_start: Annotated[str | None, Field(description="data time at which the live clock begins")] = None
    cors_origin: Annotated[tuple[str, ...], NoDecode, Field(description="origins that browsers may call from")] = ()
    keys: Annotated[tuple[SecretStr, ...], NoDecode, Field(description="keys of the clients; needed off loopback")] = ()
    ingest_bytes: Annotated[int, Field(ge=1024, description="largest body of a POST to /ingest")] = 8 << 20
    ingest_ahead: Annotated[
        float, Field(ge=0, description="seconds by which a posted timestamp may lie ahead of this machine's clock")
    ] = 86_400.0
    detect_bytes: Annotated[int, Field(ge=1024, description="largest body of a POST to /anomalies/detect")] = 256 << 20
    heartbeat_s: Annotated[float, Field(ge=0.1, le=300, description="silence on a stream before a comment")] = 15.0
    cap_total: Annotated[int, Field(ge=1, description="streams at once, in total")] = 10_000
    cap_per_address: Annotated[int, Field(ge=1, description="streams at once of one address off this machine")] = 100
    journal_values: Annotated[int, Field(ge=1, description="posted values after which they move into the files")] = (
        250_000
    )
    journal_age: Annotated[float, Field(gt=0, description="seconds after which posted values move into the files")] = (
        3600.0
    )
    keep: Annotated[
        tuple[str, ...], NoDecode, Field(description="how long rows and levels are kept where rows are posted")
    ] = ()
    analytics: Annotated[bool, Field(description="whether the analytics run")] = True
    analytics_events: Annotated[
        int, Field(ge=1, description="events kept of each kind and device; the oldest go first")
    ] = KEPT
    alarms: Annotated[Path | None, Field(description="YAML with thresholds and rules of alarms")] = None
    webhook: Annotated[str | None, Field(description="address that every alarm is posted to")] = None
    webhook_key: Annotated[SecretStr | None, Field(description="sent to the webhook as a bearer token")] = None
    readers: Annotated[int, Field(ge=1, le=64, description="threads that read the store for requests")] = 4
    exports: Annotated[int, Field(ge=1, le=64, description="exports of whole ranges that are made at once")] = 4
    spool: Annotated[Path | None, Field(description="folder for exports made lately; where absent the system's")] = None
    spool_bytes: Annotated[int, Field(ge=0, description="bytes of exports kept at most; 0 keeps none")] = 2 << 30

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return _parts(value)

    @field_validator("webhook")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else check_webhook(value)

    @field_validator("keep")
    @classmethod
    def _are_ages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parse_keeping(value)
        return value

    @field_validator("live_start")
    @classmethod
    def _is_time(cls, value: str | None) -> str | None:
        if value is not None:
            parse_time("live_start", value)
        return value

    @property
    def live_start_ms(self) -> int | None:
        """`live_start` in milliseconds since the epoch."""
        return None if self.live_start is None else parse_time("live_start", self.live_start)


def _parts(value: Any) -> Any:
    """Items of a list, or of a text with commas; an item may itself hold commas, as a variable does."""
    if isinstance(value, (str, Path)):
        value = [value]
    if not isinstance(value, Iterable):
        return value
    texts = (item.get_secret_value() if isinstance(item, SecretStr) else str(item) for item in value)
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def read_settings(**options: Any) -> Settings:
    """Settings from `options`, else from the environment.

    Raises
    ------
    BadParameter
        names the variable, and the option where there is one. Never shows a value, for it may be a key.
    """
    try:
        return Settings(**options)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0])
        variable = f"BESSLINE_{name.upper()}"
        where = f"--{name.replace('_', '-')} ({variable})" if name in options else variable
        raise BadParameter(name, f"{where}: {first['msg']}") from None
