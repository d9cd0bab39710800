"""The page on which heads name B角 with dates."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api
from tests.api.pages import enter, post


def browser(api: Api, username: str) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened, username)
    return opened


def post_id(page: str) -> str:
    """The post of the first handler, as the form offers it."""
    found = re.search(r'<option value="(\d+)"[^>]*>[^<]*经办人甲', page)
    assert found is not None, page
    return found[1]


def test_a_head_names_a_backup_with_dates_and_ends_it(api: Api) -> None:
    head = browser(api, "jr.leader")
    sent = {"post": post_id(head.get("/backups").text), "to": "jr.handler2", "from_on": "2019-10-15"}
    wrong = post(head, "/backups", **{**sent, "from_on": "soon"})
    assert wrong.status_code == 422
    assert post(head, "/backups", **{**sent, "from_on": ""}).status_code == 422
    assert post(head, "/backups", **{**sent, "post": "1x"}).status_code == 422
    assert post(head, "/backups", **{**sent, "to_on": "2019-10-01"}).status_code == 422
    assert post(head, "/backups", **{**sent, "to_on": "2019-12-31"}).status_code == 302
    (named,) = api.ok("GET", "/backups", "jr.leader")["items"]
    assert "经办人乙" in browser(api, "jr.handler").get("/backups").text
    assert post(head, f"/backups/{named['id']}/end").status_code == 302
    assert api.ok("GET", "/backups", "jr.leader")["items"] == []


def test_a_head_names_none_for_another_agency(api: Api) -> None:
    own = post_id(browser(api, "jr.leader").get("/backups").text)
    other = browser(api, "cz.leader")
    assert post(other, "/backups", post=own, to="cz.handler", from_on="2019-10-15").status_code == 422


@pytest.mark.parametrize(("username", "status"), [("jr.handler", 403), ("enterprise-a.applicant", 403)])
def test_nobody_else_names_one(api: Api, username: str, status: int) -> None:
    assert (
        post(browser(api, username), "/backups", post="1", to="jr.handler2", from_on="2019-10-15").status_code == status
    )
