"""Settings: from the environment, from a file, and never half wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.work import Profile
from schema.limits import Limits
from zhoba.settings import IssuerSettings, Settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No zhoba.toml of the folder the tests run in."""
    monkeypatch.chdir(tmp_path)


def test_defaults_are_a_sqlite_file_in_the_data_folder() -> None:
    settings = Settings()
    assert settings.database == "sqlite:///var/zhoba.db"
    assert Settings(data_dir=Path("/srv/zhoba")).database == "sqlite:////srv/zhoba/zhoba.db"
    assert settings.limits() == Limits()
    assert settings.rules().profile is Profile.R2023
    assert (settings.demo, settings.cors_origins, settings.issuers) == (False, (), ())


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "zhoba.toml").write_text('port = 9000\nlanguage = "ru"\nmax_depth = 12\n')
    assert (Settings().port, Settings().language, Settings().limits().depth) == (9000, "ru", 12)
    monkeypatch.setenv("ZHOBA_PORT", "9001")
    assert (Settings().port, Settings().language) == (9001, "ru")
    assert Settings(port=9002).port == 9002


def test_another_file_is_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other.toml").write_text('rules_profile = "2021"\n')
    monkeypatch.setenv("ZHOBA_CONFIG", str(tmp_path / "other.toml"))
    assert Settings().rules().profile is Profile.R2021


def test_lists_are_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHOBA_CORS_ORIGINS", '["https://a.test"]')
    monkeypatch.setenv(
        "ZHOBA_ISSUERS",
        '[{"issuer": "i", "audience": "a", "jwks": "https://i/jwks", "algorithms": ["ES256"]}]',
    )
    settings = Settings()
    assert settings.cors_origins == ("https://a.test",)
    assert settings.issuers == (
        IssuerSettings(issuer="i", audience="a", jwks="https://i/jwks", algorithms=("ES256",)),
    )


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("TOKEN_MINUTES", "10", "11"),
        ("TOKEN_MINUTES", "1", "0"),
        ("PORT", "65535", "65536"),
        ("MAX_DEPTH", "1", "0"),
        ("REQUEST_SECONDS", "0.1", "0"),
        ("RULES_PROFILE", "2021", "2022"),
        ("LANGUAGE", "kk", "de"),
    ],
)
def test_setting_on_both_sides_of_its_limit(
    monkeypatch: pytest.MonkeyPatch, name: str, good: str, bad: str
) -> None:
    monkeypatch.setenv(f"ZHOBA_{name}", good)
    Settings()
    monkeypatch.setenv(f"ZHOBA_{name}", bad)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS1", ""])
def test_issuer_with_a_weak_or_shared_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(ValidationError):
        IssuerSettings.model_validate(
            {"issuer": "i", "audience": "a", "jwks": "f", "algorithms": [algorithm]}
        )


def test_settings_shown_hide_the_password() -> None:
    settings = Settings(database_url="postgresql://zhoba:secret@db/zhoba")
    assert "secret" not in repr(settings)
