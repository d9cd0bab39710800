"""An unsafe production set-up is refused, each reason by name."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from config import THREE_ADMINISTRATORS, BucketSettings, Config, SingleSignOn
from webapp.commands.check import reasons
from webapp.commands.setup import set_up
from webapp.database import build_engine
from webapp.schema import migrate
from workflows.cases.materials.scans import ScanRule, ask_for_scan
from workflows.clock import SystemClock

SAFE_SECRET = "k7Qw9zXvB2mNrT5yUj8LpCsD4fGhA6eR"


@pytest.fixture
def unsafe(tmp_path: Path) -> Config:
    url = f"sqlite:///{tmp_path / 'lianban.sqlite3'}"
    return Config(
        environment="development",
        data_dir=tmp_path,
        database_url=url,
        broker_url="filesystem://",
        secret_key="a" * 40,
        demo_password="demo-password",
        host="0.0.0.0",
        log_level="DEBUG",
    )


def said(config: Config) -> str:
    return "\n".join(reason.en for reason in reasons(config))


def test_every_fault_of_a_development_set_up_is_named(unsafe: Config) -> None:
    unsafe.data_dir.chmod(0o755)
    set_up(unsafe, say=lambda line: None)
    text = said(unsafe)
    for part in (
        "LIANBAN_ENV is not production",
        "SECRET_KEY is too simple",
        "without HTTPS",
        "embedded SQLite",
        "embedded one (BROKER_URL)",
        "DEMO_PASSWORD is set",
        "LOG_LEVEL is DEBUG",
        "without a reverse proxy",
        "open to other users",
        "holds demo accounts",
        "without a second factor",
    ):
        assert part in text


def test_a_database_not_migrated_is_named(unsafe: Config) -> None:
    assert "not migrated" in said(unsafe)


def test_a_database_out_of_reach_is_named_without_its_password(unsafe: Config) -> None:
    away = dataclasses.replace(unsafe, database_url="postgresql://someone:hidden@127.0.0.1:1/none")
    assert "cannot be reached" in said(away)
    assert "hidden" not in said(away)


def test_a_safe_set_up_has_nothing_against_it(unsafe: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(unsafe.database_url)
    unsafe.data_dir.chmod(0o750)
    safe = dataclasses.replace(
        unsafe,
        environment="production",
        broker_url="redis://127.0.0.1:6379/0",
        secret_key=SAFE_SECRET,
        demo_password=None,
        host="127.0.0.1",
        log_level="INFO",
        secure_cookies=True,
        second_factor_posts=THREE_ADMINISTRATORS,
    )
    assert said(safe) == "The database is the embedded SQLite (DATABASE_URL)"


def test_unsafe_settings_of_identity_are_named(unsafe: Config) -> None:
    lax = dataclasses.replace(
        unsafe,
        password_minimum=8,
        password_history=0,
        session_idle=timedelta(hours=2),
        second_factor_posts=("system_admin",),
        single_sign_on=SingleSignOn("http://sso.example", "lianban", "hidden"),
    )
    for part in (
        "LIANBAN_PASSWORD_MINIMUM",
        "LIANBAN_PASSWORD_HISTORY",
        "LIANBAN_SESSION_IDLE_MINUTES",
        "LIANBAN_SECOND_FACTOR_POSTS",
        "LIANBAN_OIDC_ISSUER",
    ):
        assert part in said(lax)
    assert "hidden" not in said(lax)


def test_a_scanner_and_a_bucket_that_do_not_answer_are_named(unsafe: Config) -> None:
    migrate(unsafe.database_url)
    keys = BucketSettings("papers", "", "http://bucket.localhost:1", "us-east-1", "access", "hidden")
    text = said(dataclasses.replace(unsafe, scanner="tcp:127.0.0.1:1", bucket=keys))
    for part in (
        "scanner does not answer",
        "Attachments travel without HTTPS",
        "bucket for attachments cannot be used",
    ):
        assert part in text
    assert "hidden" not in text


def test_files_that_wait_for_a_scanner_which_is_not_set_are_named(unsafe: Config) -> None:
    migrate(unsafe.database_url)
    engine = build_engine(unsafe.database_url)
    with Session(engine) as session:
        ask_for_scan(session, "0" * 64, ScanRule(), clock=SystemClock())
        session.commit()
    engine.dispose()
    assert "Files wait for a scanner" in said(unsafe)
    assert "Files wait" not in said(dataclasses.replace(unsafe, scanner="tcp:127.0.0.1:1"))
