"""Fixtures that every test may use; those of one subject lie in `tests/factories`."""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket as TemplateBucket
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool
from werkzeug.routing import Rule

from config import Config
from tests.clamav import Scanner, run_clamd
from tests.databases import KINDS, PostgresqlTestDatabase, SqliteTestDatabase, TestDatabase, postgresql_database
from tests.swift import Bucket, new_bucket, run_swift
from webapp import create_app
from webapp.database import build_engine, db
from webapp.models import load_models
from webapp.transaction import WAKE
from workflows.clock import FixedClock

LOOPBACK = ("127.", "::1", "localhost")
PATIENCE_S = 10
"""A thread of a test that has ended gives its connection back sooner."""
TEST_SECRET = "only-for-tests-" + "0" * 32


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """No test reaches another machine, whatever a library would like to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and not str(host).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)  # type: ignore[arg-type]  # passed on as it came

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _settled() -> None:
    """What is loaded is never garbage; after every application looking through it again would take longest."""
    load_models()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _kept_routes() -> Iterator[None]:
    """What builds an address of a route is compiled once for all the applications of a test session.

    Werkzeug writes and compiles a function for each route and application; it hangs on nothing but its key here.
    """
    builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compiled = Rule._compile_builder

    def kept(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # Werkzeug's
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in builders:
            builders[key] = compiled(self, append_unknown)
        return builders[key]

    patch = pytest.MonkeyPatch()
    patch.setattr(Rule, "_compile_builder", kept)
    yield
    patch.undo()


class _KeptTemplates(BytecodeCache):
    """Compiles a template once for all the applications of a test session, not once for each."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: TemplateBucket) -> None:
        if bucket.key + bucket.checksum in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: TemplateBucket) -> None:
        self._compiled[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


TEMPLATES = _KeptTemplates()


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> TestDatabase:
    return SqliteTestDatabase(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[TestDatabase]:
    try:
        with postgresql_database(f"lianban_test_{os.getpid()}") as url:
            database = PostgresqlTestDatabase(url)
            yield database
            database.close()
    except OperationalError as error:
        missing_service("PostgreSQL", error)


def missing_service(name: str, error: Exception) -> None:
    """Skip the test for want of a service; on CI that is a failure."""
    said = f"{name} cannot be reached: {error}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(params=[pytest.param(kind, marks=[pytest.mark.postgresql] * (kind == "postgresql")) for kind in KINDS])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database with all tables, on SQLite and on PostgreSQL; the test may commit."""
    database: TestDatabase = request.getfixturevalue(f"_{request.param}")
    yield database.url
    database.reset()


@pytest.fixture(scope="session")
def clamd() -> Iterator[Scanner]:
    """ClamAV's own daemon, which knows one signature."""
    with tempfile.TemporaryDirectory(prefix="lianban-clamd-") as folder:
        try:
            with run_clamd(Path(folder)) as scanner:
                yield scanner
        except FileNotFoundError as error:
            missing_service("ClamAV", error)


@pytest.fixture(scope="session")
def _swift() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="lianban-swift-") as folder:
        try:
            with run_swift(Path(folder)) as endpoint:
                yield endpoint
        except FileNotFoundError as error:
            missing_service("OpenStack Swift", error)


@pytest.fixture
def bucket(_swift: str) -> Bucket:
    """An empty bucket on a real S3-compatible server."""
    return new_bucket(_swift)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on `database_url`, set up as the program sets it up."""
    engine = build_engine(database_url)
    yield engine
    close(engine)


def close(engine: Engine) -> None:
    """Close all connections of an engine, and first wait for those that are still out.

    What a test has dropped without giving it back the collector returns while there is still a pool that closes it;
    afterwards it would warn in some later test, and nobody would know whose it was.
    """
    assert isinstance(engine.pool, QueuePool)
    until = monotonic() + PATIENCE_S
    while engine.pool.checkedout() and monotonic() < until:
        gc.collect()
        sleep(0.05)
    assert not engine.pool.checkedout(), "the test has left a connection in use"
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in a writing transaction; the test may commit, nothing outlives it."""
    with Session(engine, expire_on_commit=False) as session:
        session.connection(execution_options={"write": True})
        yield session


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at ten in the morning of a working Monday, the offices' time."""
    return FixedClock(datetime(2019, 10, 14, 2, 0, tzinfo=UTC))


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """Settings of a development set-up in a folder of its own."""
    return Config(
        environment="development",
        data_dir=tmp_path,
        database_url=database_url,
        broker_url="memory://",
        secret_key=TEST_SECRET,
        demo_password="demo-password",
    )


@pytest.fixture
def app(config: Config, clock: FixedClock) -> Iterator[Flask]:
    """The application on an empty database; `app.extensions[WAKE].calls` counts the wake-ups."""
    app = create_app(config, clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.extensions[WAKE] = CountingWaker()
    app.jinja_env.bytecode_cache = TEMPLATES
    yield app
    with app.app_context():
        db.session.remove()
        close(db.engine)


class CountingWaker:
    """Stands in for the worker: counts how often it is woken."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is signed in nowhere."""
    return app.test_client()
