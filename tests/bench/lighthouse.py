"""Lighthouse on the task centre of a running program: `python -m tests.bench.lighthouse http://127.0.0.1:8000`.

The password of the demo accounts is taken from `LIANBAN_DEMO_PASSWORD`. Exit status 1 where a score is below 95.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tests" / "tools" / "node_modules" / "lighthouse" / "cli" / "index.js"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking"
CATEGORIES = ("performance", "accessibility")
WANTED = 95
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def cookies(address: str, username: str, password: str) -> str:
    """Sign in and return the cookies as a header."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    form = browser.open(f"{address}/login").read().decode()
    token = TOKEN.search(form)
    assert token is not None, "no form token on the sign-in page"
    fields = {"csrf_token": token.group(1), "username": username, "password": password}
    browser.open(f"{address}/login", urlencode(fields).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def scores(address: str, cookie: str) -> dict[str, int]:
    """Run Lighthouse as for a desktop and return each score out of 100."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            "node",
            str(TOOL),
            f"{address}/tasks?queue=available",
            "--preset=desktop",
            f"--only-categories={','.join(CATEGORIES)}",
            "--output=json",
            f"--output-path={report}",
            f"--chrome-flags={FLAGS}",
            "--extra-headers=" + json.dumps({"Cookie": cookie}),
            "--quiet",
        ]
        environment = {**os.environ, "CHROME_PATH": os.environ.get("LIANBAN_CHROMIUM", "/usr/bin/chromium")}
        subprocess.run(command, check=True, env=environment, cwd=folder)
        found = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: round(found[name]["score"] * 100) for name in CATEGORIES}


def main(arguments: list[str]) -> int:
    """Print the scores of the program at an address; 0 when all are good enough."""
    address = arguments[0].rstrip("/")
    username = arguments[1] if len(arguments) > 1 else "jr.handler"
    found = scores(address, cookies(address, username, os.environ["LIANBAN_DEMO_PASSWORD"]))
    print(json.dumps(found))
    return 0 if min(found.values()) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
