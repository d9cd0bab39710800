"""A real OpenID Connect provider on loopback, and a browser that signs in there."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import requests

TOOLS = Path(__file__).resolve().parents[1] / "tools"
CLIENT_ID = "lianban"
CLIENT_SECRET = "only-for-tests"
CALLBACK = "http://localhost/login/oidc/callback"
AFTER_LOGOUT = "http://localhost/login"


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider.

    Args:
        issuer: its address.
    """

    issuer: str


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """Run the provider for a while.

    Raises:
        RuntimeError: Node is missing, or the provider does not start.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("Node is missing")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (node, "openid-provider.mjs", str(port), CALLBACK, AFTER_LOGOUT)
    with subprocess.Popen(command, cwd=TOOLS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise RuntimeError("the provider does not start")
            yield OpenIdProvider(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


class ProviderBrowser:
    """Somebody's browser as far as the provider sees it: keeps its cookies, fills in its two forms."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()

    def sign_in(self, address: str, name: str) -> str:
        """Follow `address`, sign in as `name`, agree, and return where the browser is sent back to."""
        answer = self._session.get(address, allow_redirects=False, timeout=30)
        for _ in range(20):
            if answer.is_redirect:
                address = urljoin(address, answer.headers["Location"])
                if not address.startswith("http://127.0.0.1:"):
                    return address
                answer = self._session.get(address, allow_redirects=False, timeout=30)
                continue
            form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', answer.text))
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert action is not None, answer.text
            address = urljoin(address, unescape(action[1]))
            filled = {**form, "login": name, "password": "anything"}
            answer = self._session.post(address, data=filled, allow_redirects=False, timeout=30)
        raise AssertionError("the provider never sends back")

    def get(self, address: str) -> requests.Response:
        """Open a page of the provider."""
        return self._session.get(address, timeout=30)
