"""An application with something hostile in each of its places: a clear answer, nothing kept, on both databases."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.api.conftest import Api, api  # noqa: F401  # the fixture
from tests.factories.cases import application, issuer

APPLICANT = "enterprise-a.applicant"
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**40,
    1e308,
    "",
    " ",
    "\x00",
    "a\u0007",
    "\ufffe",
    "长" * 120_000,
    '\'; DROP TABLE "case"; --',
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{7*7}}${7*7}",
    [],
    {},
    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],
    {"$ref": "#", "__proto__": {}},
)
RAW = (
    b'{"process": "bond_subsidy", "data": {"bond_name": "\\ud800"}}',
    b'{"process": "bond_subsidy", "data": {"bond_name": "\\u0000"}}',
    b'{"process": "bond_subsidy", "data": {"\\u0000": 1}}',
    b'{"process": "bond_subsidy", "data": {"a": 1' + b"0" * 5000 + b"}}",
    b'{"process": "bond_subsidy", "data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
    b'{"process": "bond_subsidy", "data": {"bond_name": "\xff\xfe"}}',
    b"\xef\xbb\xbf{}",
)


def test_nothing_hostile_in_any_place_of_an_application_makes_it_fail(api: Api) -> None:  # noqa: F811
    whole = {"process": "bond_subsidy", "measure": "2", "data": application(issuer(0, "YHQ"))}
    api.token(APPLICANT)
    opened = 0
    for path in list(_places(whole)):
        for value in HOSTILE:
            body = _replaced(whole, path, value)
            answer = api.post("/cases", APPLICANT, data=json.dumps(body).encode(), content_type="application/json")
            assert answer.status_code in (201, 400, 422), (path, repr(value)[:60], answer.text[:300])
            opened += answer.status_code == 201
            if answer.status_code == 422:
                assert answer.json["errors"], (path, repr(value)[:60])
    # Texts may say anything; they are kept as texts.
    assert len(api.ok("GET", "/cases?limit=200", APPLICANT)["items"]) == min(opened, 200)


def test_bodies_that_no_client_would_make_are_refused(api: Api) -> None:  # noqa: F811
    for body in RAW:
        answer = api.post("/cases", APPLICANT, data=body, content_type="application/json")
        assert answer.status_code in (400, 422), answer.text[:300]
    assert api.ok("GET", "/cases", APPLICANT)["items"] == []


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from _places(part, (*path, key))


def _replaced(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(whole)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed
