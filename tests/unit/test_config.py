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
    assert read == set(re.findall(r"`((?:LIANBAN_|DATABASE_|BROKER_|AWS_)\w+)`", module.__doc__ or ""))


def test_three_administrators_need_a_second_factor_in_production_unless_said_otherwise(tmp_path: Path) -> None:
    environ = {"LIANBAN_DATA_DIR": str(tmp_path), "LIANBAN_ENV": "production", "LIANBAN_SECRET_KEY": "k" * 40}
    assert Config.from_env(environ).second_factor_posts == module.THREE_ADMINISTRATORS
    assert Config.from_env({**environ, "LIANBAN_SECOND_FACTOR_POSTS": "none"}).second_factor_posts == ()
    chosen = Config.from_env({**environ, "LIANBAN_SECOND_FACTOR_POSTS": "leader, handler"})
    assert chosen.second_factor_posts == ("leader", "handler")


def test_single_sign_on_needs_all_its_settings(tmp_path: Path) -> None:
    environ = {"LIANBAN_DATA_DIR": str(tmp_path), "LIANBAN_OIDC_ISSUER": "https://sso.example/"}
    with pytest.raises(ConfigError, match="CLIENT_SECRET"):
        Config.from_env({**environ, "LIANBAN_OIDC_CLIENT_ID": "lianban"})
    both = {"LIANBAN_OIDC_CLIENT_ID": "lianban", "LIANBAN_OIDC_CLIENT_SECRET": "hide-me"}
    config = Config.from_env({**environ, **both})
    assert config.single_sign_on is not None
    assert config.single_sign_on.issuer == "https://sso.example"
    assert "hide-me" not in repr(config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANBAN_SECOND_FACTOR_POSTS", "emperor"),
        ("LIANBAN_PASSWORD_MAX_AGE_DAYS", "-1"),
        ("LIANBAN_PASSWORD_MINIMUM", "4"),
        ("LIANBAN_OIDC_ISSUER", "sso.example"),
    ],
)
def test_settings_of_identity_that_make_no_sense_are_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_env({"LIANBAN_DATA_DIR": str(tmp_path), name: value})
