"""Settings: an option beats its variable, a variable beats the default, and a mistake is named."""

from pathlib import Path

import pytest

from api.settings import Settings, read_settings
from bessline.errors import BadParameter


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BESSLINE_{name.upper()}", raising=False)


EXAMPLES = {
    "store": ("s", Path("s")),
    "data": ("a,b c", (Path("a"), Path("b c"))),
    "new": ("1", True),
    "timezone": ("Asia/Shanghai", "Asia/Shanghai"),
    "describe": ("d.yaml", Path("d.yaml")),
    "prefix": ("north-", "north-"),
    "keep": ("raw=400d,5min=5y", ("raw=400d", "5min=5y")),
    "workers": ("2", 2),
    "demo": ("d", Path("d")),
    "host": ("::1", "::1"),
    "port": ("1", 1),
    "live_interval": ("0.5", 0.5),
    "live_start": ("2024-05-01", "2024-05-01"),
    "cors_origin": ("http://a, http://b", ("http://a", "http://b")),
    "heartbeat_s": ("5", 5.0),
    "cap_total": ("7", 7),
    "cap_per_address": ("3", 3),
    "readers": ("2", 2),
    "exports": ("2", 2),
    "spool": ("/tmp/x", Path("/tmp/x")),
    "spool_bytes": ("0", 0),
    "ingest_bytes": ("4096", 4096),
    "ingest_ahead": ("60", 60.0),
    "journal_values": ("10", 10),
    "journal_age": ("30", 30.0),
    "detect_bytes": ("4096", 4096),
    "analytics": ("off", False),
    "analytics_events": ("7", 7),
    "alarms": ("a.yaml", Path("a.yaml")),
    "webhook": ("https://alerts.example/hook", "https://alerts.example/hook"),
}


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"keys", "webhook_key"}))
def test_every_setting_has_its_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, value = EXAMPLES[name]
    monkeypatch.setenv(f"BESSLINE_{name.upper()}", text)
    assert getattr(read_settings(), name) == value


def test_an_option_beats_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESSLINE_PORT", "1")
    monkeypatch.setenv("BESSLINE_DATA", "a")
    settings = read_settings(port=2, data=[Path("b")])
    assert (settings.port, settings.data) == (2, (Path("b"),))


def test_an_empty_variable_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESSLINE_STORE", "")
    assert read_settings().store is None


def test_keys_are_a_list_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESSLINE_KEYS", "s3cret, other")
    settings = read_settings()
    assert [key.get_secret_value() for key in settings.keys] == ["s3cret", "other"]
    assert "s3cret" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("options", "moral"),
    [
        ({"port": 70_000}, r"--port \(BESSLINE_PORT\): Input should be less than or equal to 65535"),
        ({"live_interval": 0}, "--live-interval"),
        ({"live_start": "2024-05-01T00:00:00"}, "live_start .* has no zone"),
        ({"nonsense": 1}, "--nonsense"),
    ],
)
def test_a_mistake_names_the_option(options: dict[str, object], moral: str) -> None:
    with pytest.raises(BadParameter, match=moral):
        read_settings(**options)


def test_a_mistake_in_a_variable_never_shows_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESSLINE_WORKERS", "s3cret")
    with pytest.raises(BadParameter, match=r"^BESSLINE_WORKERS: ") as refused:
        read_settings()
    assert "s3cret" not in str(refused.value)


def test_the_live_start_is_a_time() -> None:
    assert read_settings(live_start="1970-01-02").live_start_ms == 86_400_000
    assert read_settings().live_start_ms is None


def test_a_webhook_must_be_an_address() -> None:
    """And the refusal does not show it."""
    with pytest.raises(BadParameter, match="BESSLINE_WEBHOOK") as refused:
        read_settings(webhook="ftp://secret")
    assert "secret" not in str(refused.value)
