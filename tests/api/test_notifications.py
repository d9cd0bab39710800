"""Notifications through HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, fields


@pytest.fixture
def told(api: Api) -> int:
    """A notification of an assignment, to JR's second handler."""
    api.open()
    task = api.task("jr.handler", "formal_check")
    api.ok("POST", f"/tasks/{task['id']}/assign", "jr.reviewer", json={"to": "jr.handler2"})
    (item,) = api.ok("GET", "/notifications", "jr.handler2")["items"]
    key = item["id"]
    assert isinstance(key, int)
    return key


def test_a_notification_speaks_the_readers_language(api: Api, told: int) -> None:
    answer = api.ok("GET", "/notifications", "jr.handler2")
    assert (answer["unread"], answer["next"]) == (1, None)
    assert answer["items"][0]["text"].endswith("指派您办理“形式审查”")
    english = api.ok("GET", "/notifications", "jr.handler2", headers={"Accept-Language": "en"})["items"][0]
    assert "assigned “Formal check” to you" in english["text"]
    assert "by" not in english["facts"]


def test_read_notifications_are_counted_no_more(api: Api, told: int) -> None:
    assert api.post("/notifications/read", "jr.handler", json={"ids": [told]}).status_code == 404
    assert api.ok("POST", "/notifications/read", "jr.handler2", json={"ids": [told]}) == {"unread": 0}
    assert api.ok("GET", "/notifications", "jr.handler2")["items"][0]["read_at"] is not None
    assert api.ok("POST", "/notifications/read", "jr.handler2") == {"unread": 0}


def test_what_is_wrong_is_named(api: Api) -> None:
    for body, wrong in (
        ({"ids": []}, "ids"),
        ({"ids": [0]}, "ids.0"),
        ({"ids": ["1"]}, "ids.0"),
        ({"ids": [2**63]}, "ids.0"),
        ({"ids": list(range(1, 202))}, "ids"),
        ({"all": True}, "all"),
    ):
        assert fields(api.post("/notifications/read", "jr.handler", json=body)) == {wrong}, body
    assert fields(api.get("/notifications?limit=201&cursor=x", "jr.handler")) == {"limit"}
    assert fields(api.get("/notifications?cursor=x", "jr.handler")) == {"cursor"}
