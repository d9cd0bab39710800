"""Answers go out small, unreadable lengths included, and built files are kept for good."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.pages import enter


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_page_is_compressed_for_those_who_can_read_it(client: FlaskClient) -> None:
    plain = client.get("/help")
    packed = client.get("/help", headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    assert "灯表示什么" in gzip.decompress(packed.data).decode()
    assert packed.headers["Content-Length"] == str(len(packed.data))


@pytest.mark.parametrize("wanted", ["identity", "gzip;q=0", "br"])
def test_nobody_gets_what_they_cannot_read(client: FlaskClient, wanted: str) -> None:
    answer = client.get("/help", headers={"Accept-Encoding": wanted})
    assert "Content-Encoding" not in answer.headers
    assert "灯表示什么" in answer.get_data(as_text=True)


def test_the_length_of_a_page_tells_nothing_exactly(client: FlaskClient) -> None:
    lengths = {len(client.get("/help", headers={"Accept-Encoding": "gzip"}).data) for _ in range(20)}
    assert len(lengths) > 3


def test_built_files_are_compressed_once_and_kept_for_good(app: Flask, client: FlaskClient) -> None:
    folder = Path(str(app.static_folder)) / "build"
    if not (folder / "app.css").exists():
        pytest.fail("the front end is not built")
    first = client.get("/static/build/app.css?v=1", headers={"Accept-Encoding": "gzip"})
    again = client.get(
        "/static/build/app.css?v=1", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )

    assert gzip.decompress(first.data) == (folder / "app.css").read_bytes()
    assert "immutable" in first.headers["Cache-Control"]
    assert again.status_code == 304
    first.close()
    again.close()
    with client.get("/static/build/app.css") as unversioned:
        assert "immutable" not in unversioned.headers.get("Cache-Control", "")


def test_small_answers_and_no_answers_stay_as_they_are(client: FlaskClient) -> None:
    head = client.head("/help", headers={"Accept-Encoding": "gzip"})
    small = client.get("/api/v1/me", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in head.headers
    assert "Content-Encoding" not in small.headers


def test_a_built_file_never_carries_the_cookie_of_a_login(app: Flask, client: FlaskClient) -> None:
    enter(client, "admin.system")
    assert "Set-Cookie" in client.get("/me").headers
    with client.get("/static/build/app.css?v=1") as built:
        assert "Set-Cookie" not in built.headers
