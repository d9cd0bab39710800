"""Settings are checked before anything starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import config as module
from config import Config, ConfigError


def test_an_empty_environment_is_a_development_set_up_in_the_data_folder(tmp_path: Path) -> None:
    config = Config.from_env({"LIANBAN_DATA_DIR": str(tmp_path)})
    assert (config.production, config.embedded_database, config.embedded_broker) == (False, True, True)
    assert str(tmp_path) in config.database_url


def test_the_secret_key_made_at_the_first_start_is_kept(tmp_path: Path) -> None:
    keys = {Config.from_env({"LIANBAN_DATA_DIR": str(tmp_path)}).secret_key for _ in range(2)}
    assert len(keys) == 1
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_production_without_a_secret_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LIANBAN_SECRET_KEY must be set"):
        Config.from_env({"LIANBAN_DATA_DIR": str(tmp_path), "LIANBAN_ENV": "production"})


def test_everything_wrong_is_named_at_once() -> None:
    environ = {
        "LIANBAN_ENV": "staging",
        "LIANBAN_PORT": "80a",
        "DATABASE_URL": "mysql://someone:hidden@x/y",
        "BROKER_URL": "memory",
        "LIANBAN_SECRET_KEY": "short",
        "LIANBAN_SECURE_COOKIES": "yes",
    }
    with pytest.raises(ConfigError) as caught:
        Config.from_env(environ)
    assert len(caught.value.problems) == len(environ)
    assert all(any(name in said for said in caught.value.problems) for name in environ)
    assert "hidden" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    config = Config(
        environment="development", data_dir=Path("x"), database_url="hide-a", broker_url="hide-b", secret_key="hide-c"
    )
    assert "hide" not in repr(config)


def test_every_variable_read_is_documented() -> None:
    source = Path(module.__file__).read_text()
    read = set(re.findall(r'reader\.\w+\(\s*"(\w+)"', source))
    assert len(read) >= 16
    assert read == set(re.findall(r"`((?:LIANBAN_|DATABASE_|BROKER_)\w+)`", module.__doc__ or ""))
