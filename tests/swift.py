"""A real S3-compatible server for tests: OpenStack Swift with its S3 layer, as plain processes on loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.client import Config as BotoConfig

from config import BucketSettings
from tests.launching import START_S, free_port, wait_until, with_parent

ACCESS, SECRET = "test:tester", "testing"
KINDS = ("account", "container", "object")
_BIN = "/usr/bin:/usr/local/bin"


@dataclass(frozen=True)
class Bucket:
    """An empty bucket on a running server.

    Args:
        endpoint: where the server listens.
        name: of the bucket.
    """

    endpoint: str
    name: str

    @property
    def client(self) -> Any:
        """A client of its own, to look behind the program's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=BotoConfig(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @property
    def settings(self) -> BucketSettings:
        """The bucket as the program is told of it."""
        return BucketSettings(self.name, "lianban/", self.endpoint, "us-east-1", ACCESS, SECRET)

    def keys(self) -> dict[str, datetime]:
        """Every object, with when it was put."""
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", ())
        return {item["Key"]: item["LastModified"] for item in found}

    def address(self, prefix: str = "lianban") -> str:
        """What `LIANBAN_STORE` says."""
        return f"s3://{self.name}/{prefix}?{urlencode({'endpoint': self.endpoint})}"


def new_bucket(endpoint: str) -> Bucket:
    """Make an empty bucket."""
    made = Bucket(endpoint, f"papers-{secrets.token_hex(6)}")
    made.client.create_bucket(Bucket=made.name)
    return made


@contextmanager
def run_swift(folder: Path) -> Iterator[str]:
    """Run Swift with everything it writes in `folder`; return where its S3 layer listens.

    Raises:
        FileNotFoundError: it is not on this machine.
    """
    for name in ("proxy-server", *(f"{kind}-server" for kind in KINDS)):
        _program(name)
    ports = {kind: free_port() for kind in (*KINDS, "proxy")}
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n")
    _make_rings(folder, ports)
    for kind in KINDS:
        (folder / f"{kind}.conf").write_text(_storage_settings(folder, kind, ports[kind]))
    (folder / "proxy.conf").write_text(_proxy_settings(folder, ports["proxy"]))
    with ExitStack() as running:
        for kind in (*KINDS, "proxy"):
            running.enter_context(_server(folder, kind))
        wait_until(lambda: all(map(_listens, ports.values())), seconds=START_S, what="Swift")
        yield f"http://127.0.0.1:{ports['proxy']}"


def _program(name: str) -> str:
    path = shutil.which(f"swift-{name}", path=_BIN)
    if path is None:
        raise FileNotFoundError(f"swift-{name} is not installed")
    return path


_RINGS = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(sys.argv[2::2], sys.argv[3::2]):
    builder = RingBuilder(4, 1, 0)
    place = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1}
    builder.add_dev({**place, "replication_ip": "127.0.0.1", "replication_port": int(port), "meta": ""})
    builder.rebalance()
    builder.get_ring().save("%s/%s.ring.gz" % (sys.argv[1], kind))
"""


def _make_rings(folder: Path, ports: Mapping[str, int]) -> None:
    """Make all rings in one process of the machine's own Python: the command takes a second for each step."""
    given = [text for kind in KINDS for text in (kind, str(ports[kind]))]
    subprocess.run(("/usr/bin/python3", "-c", _RINGS, folder, *given), check=True, capture_output=True, env=_environ())


def _storage_settings(folder: Path, kind: str, port: int) -> str:
    return f"""[DEFAULT]
{_common(folder, port)}
devices = {folder}/devices
mount_check = false
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


def _proxy_settings(folder: Path, port: int) -> str:
    # No memcached listens: Swift asks it in vain and goes to its own databases.
    return f"""[DEFAULT]
{_common(folder, port)}
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {SECRET} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def _common(folder: Path, port: int) -> str:
    user = subprocess.run(("id", "-un"), capture_output=True, text=True, check=True).stdout.strip()
    return f"""bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
user = {user}
container_update_timeout = 60
conn_timeout = 10
node_timeout = 60
log_address = {folder}/nobody-listens"""


@contextmanager
def _server(folder: Path, kind: str) -> Iterator[None]:
    with (folder / f"{kind}.log").open("wb") as log:
        process = subprocess.Popen(
            with_parent(_program(f"{kind}-server"), str(folder / f"{kind}.conf")),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environ(),
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


def _environ() -> dict[str, str]:
    """Nothing of the tests' own Python: these are the machine's programs."""
    return {"PATH": f"{_BIN}:/usr/sbin:/bin", "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
