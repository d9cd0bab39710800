"""Attachments in a bucket of a real S3-compatible server: whole or not at all, never gone while a paper needs them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config import ROOT, Config, ConfigError
from tests.launching import environment, free_port, wait_until
from tests.swift import ACCESS, SECRET, Bucket
from webapp.adapters.bucket import BucketStore
from webapp.adapters.storage import AttachmentStore, StoreAwayError, Stored, TooLargeError
from webapp.adapters.stores import build_store

pytestmark = pytest.mark.services

CONTENT = b"a paper" * 300_000
ADDRESS = hashlib.sha256(CONTENT).hexdigest()
PLACE = f"lianban/{ADDRESS[:2]}/{ADDRESS}"
ASIDE = f"lianban/leaving/{ADDRESS}"


@pytest.fixture
def store(bucket: Bucket) -> BucketStore:
    return BucketStore(bucket.settings)


def put(store: BucketStore, content: bytes = CONTENT) -> Stored:
    return store.put(io.BytesIO(content), limit=len(content))


def read(store: BucketStore, address: str = ADDRESS) -> bytes:
    with closing(store.open(address)) as content:
        return b"".join(iter(lambda: content.read(65536), b""))


def later(bucket: Bucket, key: str) -> datetime:
    return bucket.keys()[key] + timedelta(seconds=1)


def test_the_same_bytes_are_stored_once_and_come_back(store: BucketStore, bucket: Bucket) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: put(store), range(4))) == {Stored(ADDRESS, len(CONTENT))}
    assert set(bucket.keys()) == {PLACE}
    assert read(store) == CONTENT
    assert list(store.addresses()) == [ADDRESS]


def test_what_is_too_large_or_breaks_off_never_reaches_the_bucket(store: BucketStore, bucket: Bucket) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError("connection lost")
            return super().read(size)

    with pytest.raises(TooLargeError):
        store.put(io.BytesIO(CONTENT), limit=len(CONTENT) - 1)
    with pytest.raises(OSError, match="connection lost") as lost:
        store.put(Broken(CONTENT), limit=len(CONTENT))
    assert not isinstance(lost.value, StoreAwayError)
    assert bucket.keys() == {}


@pytest.mark.parametrize("address", ["", "../secret", "A" * 64, "0" * 63])
def test_only_an_address_leads_to_an_object(store: BucketStore, address: str) -> None:
    for use in (store.open, store.remove):
        with pytest.raises(ValueError):  # noqa: PT011  # its message is the address itself
            use(address)


def test_an_address_without_an_object_is_said_so_and_removed_twice(store: BucketStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(ADDRESS)
    put(store)
    store.remove(ADDRESS)
    store.remove(ADDRESS)
    with pytest.raises(FileNotFoundError):
        store.open(ADDRESS)


def test_files_leave_in_two_steps_and_are_found_between(store: BucketStore, bucket: Bucket) -> None:
    put(store)
    first = later(bucket, PLACE)
    assert store.old(ADDRESS[0], first - timedelta(seconds=2)) == ()
    assert store.old(ADDRESS[0], first) == (ADDRESS,)
    assert store.forget([ADDRESS], first) == 0
    assert set(bucket.keys()) == {ASIDE}
    assert read(store) == CONTENT
    assert list(store.addresses()) == [ADDRESS]
    assert store.forget([ADDRESS], bucket.keys()[ASIDE] - timedelta(seconds=1)) == 0, "its grace begins anew"
    assert store.forget([ADDRESS], later(bucket, ASIDE)) == 1
    assert bucket.keys() == {}


def test_a_file_put_again_while_it_was_laid_aside_goes_back_to_its_place(store: BucketStore, bucket: Bucket) -> None:
    put(store)
    store.forget([ADDRESS], later(bucket, PLACE))
    store.keep([ADDRESS])
    assert set(bucket.keys()) == {PLACE}
    store.forget([ADDRESS], later(bucket, PLACE))
    put(store)
    assert set(bucket.keys()) == {PLACE, ASIDE}
    store.forget([ADDRESS], later(bucket, ASIDE))
    assert set(bucket.keys()) == {PLACE}
    assert read(store) == CONTENT


def test_a_writer_that_is_killed_leaves_whole_files_only(bucket: Bucket, tmp_path: Path) -> None:
    environ = {
        **environment(tmp_path, LIANBAN_STORE=bucket.address()),
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    program = (
        "import io, itertools\nfrom config import Config\nfrom webapp.adapters.stores import build_store\n"
        "store = build_store(Config.from_env())\n"
        "for n in itertools.count(): store.put(io.BytesIO(str(n).encode() * 500_000), limit=1 << 30)"
    )
    for _ in range(2):
        writer = subprocess.Popen((sys.executable, "-c", program), env=environ, cwd=ROOT)
        wait_until(lambda: len(bucket.keys()) > 1, seconds=60, what="files")
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        whole = BucketStore(bucket.settings)
        for address in whole.addresses():
            assert hashlib.sha256(read(whole, address)).hexdigest() == address
            whole.remove(address)


@pytest.fixture(params=["refused", "silent", "garbage", "no bucket", "wrong key"])
def broken(request: pytest.FixtureRequest, bucket: Bucket) -> Iterator[BucketStore]:
    settings = bucket.settings
    if request.param == "no bucket":
        yield BucketStore(dataclasses.replace(settings, name="not-there"))
    elif request.param == "wrong key":
        yield BucketStore(dataclasses.replace(settings, secret_key="wrong"))
    elif request.param == "refused":
        yield BucketStore(dataclasses.replace(settings, endpoint=f"http://127.0.0.1:{free_port()}"))
    else:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            if request.param == "silent":
                yield from _impatient(settings, port)
                return

            def serve() -> None:
                while True:
                    try:
                        connection, _ = server.accept()
                    except OSError:
                        return
                    with connection:
                        connection.recv(65536)
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<garbage>")

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield BucketStore(dataclasses.replace(settings, endpoint=f"http://127.0.0.1:{port}"))
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _impatient(settings: object, port: int) -> Iterator[BucketStore]:
    patch = pytest.MonkeyPatch()
    patch.setattr("webapp.adapters.bucket.READ_TIMEOUT_S", 0.2)
    yield BucketStore(dataclasses.replace(settings, endpoint=f"http://127.0.0.1:{port}"))  # type: ignore[type-var]
    patch.undo()


def test_whatever_is_wrong_with_the_server_the_store_is_away(broken: BucketStore) -> None:
    for use in (lambda: list(broken.addresses()), lambda: broken.old("0", datetime.now().astimezone())):
        with pytest.raises(StoreAwayError) as away:
            use()
        assert SECRET not in str(away.value)


@pytest.fixture
def environ(tmp_path: Path, bucket: Bucket) -> dict[str, str]:
    return {
        "LIANBAN_DATA_DIR": str(tmp_path),
        "LIANBAN_STORE": bucket.address("a/b"),
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }


def test_the_settings_choose_the_store_and_show_no_secret(environ: dict[str, str], bucket: Bucket) -> None:
    config = Config.from_env(environ)
    assert config.bucket is not None
    assert (config.bucket.name, config.bucket.prefix) == (bucket.name, "a/b/")
    assert SECRET not in repr(config)
    build_store(config).put(io.BytesIO(CONTENT), limit=len(CONTENT))
    assert list(bucket.keys()) == [f"a/b/{ADDRESS[:2]}/{ADDRESS}"]
    assert isinstance(build_store(Config.from_env({**environ, "LIANBAN_STORE": ""})), AttachmentStore)


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("s3://key:secret@bucket/x", "must be s3"),
        ("https://bucket/x", "must be s3"),
        ("s3://bucket/x?acl=public", "must be s3"),
        ("s3://bucket/a b", "the prefix takes"),
        ("s3://bucket?endpoint=ftp://x", "the endpoint must"),
        ("s3://bucket?endpoint=https://key:secret@x", "the endpoint must"),
    ],
)
def test_a_wrong_address_is_named_and_not_repeated(environ: dict[str, str], store: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as wrong:
        Config.from_env({**environ, "LIANBAN_STORE": store})
    assert "key:secret" not in str(wrong.value)


def test_a_bucket_without_keys_is_refused(environ: dict[str, str]) -> None:
    del environ["AWS_SECRET_ACCESS_KEY"]
    with pytest.raises(ConfigError, match="needs AWS_ACCESS_KEY_ID"):
        Config.from_env(environ)
