"""The program behind a real server, on an embedded database of its own, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from config import ROOT, Config
from tests.browser.office import Office
from tests.conftest import missing_service
from tests.databases import create_tables
from webapp import create_app
from webapp.database import db
from webapp.models import load_models
from webapp.seed import STEPS, seed_demo
from webapp.transaction import WAKE, writing
from workflows.clock import FixedClock

CHROMIUM = os.environ.get("LIANBAN_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "a-demo-password"
BUILD = ROOT / "webapp" / "static" / "build"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = (1366, 768), (390, 844)

SignIn = Callable[..., Page]


def decide(page: Page, then: str = "stay") -> None:
    """Send a decision: look where it goes, then submit it and `stay`, or go on to the `next` task."""
    ask(page)
    page.click(f"button[name=then][value={then}][formaction$=complete]")


def ask(page: Page) -> None:
    """Go from the form of a decision to where it says what comes next."""
    lacking = page.locator("#missing_confirmed:visible")
    if lacking.count():
        lacking.check()
    page.click("#decide .submit button[name=then]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Use the machine's own Chromium; no browser is downloaded."""
    if not Path(CHROMIUM).exists():
        missing_service("Chromium", FileNotFoundError(CHROMIUM))
    return {"executable_path": CHROMIUM, "args": CHROMIUM_FLAGS, "headless": True}


@pytest.fixture(scope="session")
def _front_end() -> None:
    """The built style sheet and scripts, as they are now in the sources."""
    sources = [*(ROOT / "webapp" / "assets").iterdir(), ROOT / "package.json"]
    built = [BUILD / name for name in ("app.css", "app.js", "diagram.js", "icons.svg")]
    if all(path.exists() for path in built) and AXE.exists():
        newest = max(path.stat().st_mtime for path in sources)
        if min(path.stat().st_mtime for path in built) >= newest:
            return
    npm = shutil.which("npm")
    assert npm, "the front end is not built and there is no npm to build it with"
    if not AXE.exists():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=ROOT, check=True)
    subprocess.run([npm, "run", "build", "--silent"], cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, _front_end: None) -> Iterator[Office]:
    """The running program, shared by all tests that mind only their own cases."""
    with open_office(tmp_path_factory.mktemp("office")) as running:
        yield running


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """Run the program, seeded as at a first start; its clock stands at ten on a Monday morning."""
    clock = FixedClock(datetime(2019, 10, 14, 2, 0, tzinfo=UTC))
    config = Config(
        environment="development",
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'lianban.sqlite3'}",
        broker_url="memory://",
        secret_key="only-for-tests-" + "0" * 32,
        demo_password=PASSWORD,
    )
    app = create_app(config, clock=clock)
    app.extensions[WAKE] = lambda: None
    _fill(app, config, clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Office(app, clock, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


def _fill(app: Flask, config: Config, clock: FixedClock) -> None:
    load_models()
    with app.app_context():
        create_tables(db.engine)
        with writing() as session:
            for step in STEPS:
                step.load(session, clock)
            _seed_people(session, config, clock)


def _seed_people(session: Session, config: Config, clock: FixedClock) -> None:
    assert seed_demo(session, config, clock=clock) > 0


@pytest.fixture
def sign_in(browser: Browser, office: Office) -> Iterator[SignIn]:
    """Open a browser of one's own for a person: `sign_in("jr.handler", width=390, language="en", scripts=False)`."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # the browser itself reports answers such as 409 and 422, which are meant
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            said.append(message.text)

    def open_for(
        username: str | None, *, size: tuple[int, int] = WIDE, language: str | None = "zh", scripts: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=office.address, viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
        if language is not None:
            page.goto(f"/language/{language}")
        if username is not None:
            page.goto("/login")
            page.fill("#username", username)
            page.fill("#password", PASSWORD)
            page.click("form button[type=submit]")
            page.wait_for_url(lambda url: not url.endswith("/login"))
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert said == []
