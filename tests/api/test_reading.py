"""What is the same for everybody: measures, the calendar, the description, the audit chain."""

from __future__ import annotations

from tests.api.conftest import Api, fields


def test_the_policy_has_26_responsibility_lines(api: Api) -> None:
    answer = api.get("/measures", "jr.handler").json
    assert (len(answer["items"]), answer["next"]) == (26, None)
    second = next(item for item in answer["items"] if item["no"] == "2")
    assert "JR" in second["leads"]
    assert "CT2" in second["case_types"]
    assert second["clause"]


def test_short_lists_come_in_pages_too(api: Api) -> None:
    whole = [item["no"] for item in api.get("/measures", "jr.handler").json["items"]]
    paged, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/measures?limit=10{cursor and '&cursor=' + cursor}", "jr.handler").json
        paged += [item["no"] for item in page["items"]]
        cursor = page["next"]
    assert paged == whole


def test_a_cursor_of_no_list_is_named(api: Api) -> None:
    for cursor in ("tampered", "!!!", "%00", "中"):
        assert fields(api.get(f"/measures?cursor={cursor}", "jr.handler")) == {"cursor"}


def test_query_parameters_are_strict(api: Api) -> None:
    assert fields(api.get("/measures?limit=201", "jr.handler")) == {"limit"}
    assert fields(api.get("/measures?limit=0", "jr.handler")) == {"limit"}
    assert fields(api.get("/measures?limit=1.0", "jr.handler")) == {"limit"}
    assert fields(api.get("/measures?limit=99999999999999999999", "jr.handler")) == {"limit"}
    assert fields(api.get("/measures?sort=title", "jr.handler")) == {"sort"}
    assert fields(api.get("/measures?limit=1&limit=2", "jr.handler")) == {"limit"}


def test_three_working_days_over_the_spring_festival(api: Api) -> None:
    answer = api.get("/calendar/deadline?start=2019-02-01&working_days=3", "jr.handler").json
    assert answer["due_on"] == "2019-02-11"
    assert [day["date"] for day in answer["explanation"] if day["counted"]] == [
        "2019-02-02",
        "2019-02-03",
        "2019-02-11",
    ]


def test_a_deadline_is_explained_in_the_readers_language(api: Api) -> None:
    path = "/calendar/deadline?start=2019-10-14&working_days=1"
    assert "工作日" in api.get(path, "jr.handler").json["explanation"][1]["why"]
    english = api.get(path, "jr.handler", headers={"Accept-Language": "en-GB,en;q=0.9"}).json
    assert "Working day" in english["explanation"][1]["why"]


def test_a_deadline_names_what_is_wrong_with_the_question(api: Api) -> None:
    assert fields(api.get("/calendar/deadline?start=2019-02-30&working_days=-1", "jr.handler")) == {
        "start",
        "working_days",
    }
    assert fields(api.get("/calendar/deadline?start=20190201&working_days=1", "jr.handler")) == {"start"}
    assert fields(api.get("/calendar/deadline?working_days=1", "jr.handler")) == {"start"}
    assert fields(api.get("/calendar/deadline?start=9999-12-31&working_days=9", "jr.handler")) == {"start"}
    assert fields(api.get("/calendar/deadline?start=2019-01-01&working_days=1&version=99", "jr.handler")) == {"version"}


def test_only_the_audit_administrator_verifies_the_chain(api: Api) -> None:
    report = api.get("/audit/verify", "admin.audit").json
    assert report["ok"] is True
    assert report["entries"] > 0
    assert report["first_bad"] is None
    for other in ("admin.system", "admin.security", "jr.leader"):
        assert api.get("/audit/verify", other).status_code == 403
