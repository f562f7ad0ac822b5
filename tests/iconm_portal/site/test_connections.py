"""What leaves this host is encrypted, or `check --deploy` says by name what is not; secrets may come from files."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from iconm_portal.site import checks

SETTINGS = Path(checks.__file__).parents[1] / "settings.py"
ELSEWHERE = "db.example.lg.jp"


Said = Callable[..., list[str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What is said with these settings; those of the tests' own database stay as they are."""

    def ask(**values: Any) -> list[str]:
        quiet = {"DATABASES": {"default": {}}, "MIGRATE_DATABASE": {}, "MAIL_IS_SET": False, "SYSLOG": ""}
        mail = {"EMAIL_HOST": "", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}
        monkeypatch.setattr(checks, "settings", SimpleNamespace(**quiet | mail | values))
        return [f"{one.id}: {one.msg} {one.hint}" for one in checks.connections_are_encrypted(None)]

    return ask


def database(host: str, mode: str = "") -> dict[str, Any]:
    return {"HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}}


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("", "perhaps in the clear"),
        ("prefer", "perhaps in the clear"),
        ("require", "whose certificate nobody checks"),
        ("verify-ca", "whichever server has a certificate"),
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "MIGRATE_DATABASE_URL"])
def test_a_database_elsewhere_is_asked_by_tls_with_its_certificate_checked(
    said: Said, name: str, mode: str, words: str
) -> None:
    def of(mode: str) -> dict[str, Any]:
        address = database(ELSEWHERE, mode)
        is_serving = name == "DATABASE_URL"
        return {"DATABASES": {"default": address}} if is_serving else {"MIGRATE_DATABASE": address}

    (one,) = said(**of(mode))
    assert one.startswith(f"portal.W005: {name} leads to another host")
    assert words in one
    assert "sslmode=verify-full" in one
    assert said(**of("verify-full")) == []


@pytest.mark.parametrize("host", ["", "/run/postgresql", "localhost", "127.0.0.1", "::1"])
def test_on_this_host_nothing_is_said(said: Said, host: str) -> None:
    assert said(DATABASES={"default": database(host)}, SYSLOG=f"{host}:514" if host else "") == []


def test_mail_goes_by_tls(said: Said) -> None:
    clear = {"MAIL_IS_SET": True, "EMAIL_HOST": "mail.example.lg.jp", "EMAIL_USE_TLS": False}
    (one,) = said(**clear)
    assert one.startswith("portal.W006: EMAIL_URL leads to another host, in the clear")
    assert "smtp+tls://" in one
    assert said(**clear | {"EMAIL_USE_TLS": True}) == []
    assert said(**clear | {"EMAIL_HOST": "localhost"}) == []


def test_the_syslog_of_another_host_is_named(said: Said) -> None:
    (one,) = said(SYSLOG="syslog.example.lg.jp:514")
    assert one.startswith("portal.W007: SYSLOG leads to another host, by UDP in the clear")
    assert "127.0.0.1:514" in one


def test_addresses_with_passwords_may_stand_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a vault lays them down, with a line's end; what the environment says itself goes before."""
    texts = {
        "SECRET_KEY": "a key of the vault",
        "DATABASE_URL": f"postgres://portal:from-a-file@{ELSEWHERE}/portal?sslmode=verify-full",
        "MIGRATE_DATABASE_URL": f"postgres://owner:of-a-file@{ELSEWHERE}/portal",
        "EMAIL_URL": "smtp+tls://portal:by-file@mail.example.lg.jp:587",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(f"{text}\n")
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(path))
    made = runpy.run_path(str(SETTINGS))
    assert made["SECRET_KEY"] == "a key of the vault"
    database = made["DATABASES"]["default"]
    assert (database["PASSWORD"], database["OPTIONS"]["sslmode"]) == ("from-a-file", "verify-full")
    assert made["MIGRATE_DATABASE"]["PASSWORD"] == "of-a-file"
    assert (made["MAIL_IS_SET"], made["EMAIL_HOST_PASSWORD"], made["EMAIL_USE_TLS"]) == (
        True,
        "by-file",
        True,
    )
    monkeypatch.setenv("SECRET_KEY", "one of the environment")
    assert runpy.run_path(str(SETTINGS))["SECRET_KEY"] == "one of the environment"
