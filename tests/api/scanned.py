"""Papers laid to cases under a scanner, as somebody who calls the API sees them."""

from __future__ import annotations

import dataclasses
import io
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from config import Config
from tests.api.conftest import Api
from tests.clamav import EICAR
from webapp import context

APPLICANT = "enterprise-a.applicant"
PDF = b"%PDF-1.4\n%%EOF"
INFECTED = b"%PDF-1.4\n" + EICAR + b"\n%%EOF"


def use(app: Flask, address: str | None, **changes: Any) -> None:
    """Have the application use a scanner."""
    settings: Config = app.extensions[context.CONFIG]
    app.extensions[context.CONFIG] = dataclasses.replace(settings, scanner=address, **changes)


def upload(
    api: Api, number: str, content: bytes, *, name: str = "说明书.pdf", item: str = "prospectus"
) -> TestResponse:
    data = {"item": item, "file": (io.BytesIO(content), name)}
    return api.post(f"/cases/{quote(number)}/documents", APPLICANT, data=data, content_type="multipart/form-data")


def state(api: Api, number: str, item: str = "prospectus", who: str = APPLICANT) -> tuple[str, list[str]]:
    lines = api.ok("GET", f"/cases/{quote(number)}/materials", who)["items"]
    line = next(line for line in lines if line["item"] == item)
    return line["state"], [file["status"] for file in line["files"]]
