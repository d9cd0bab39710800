"""An incident's cause as the administrator reads it."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.ui.incidents.causes import explain

NAMES = {"YHQ": "盐湖区", "JR": "市金融办", "CZ": "市财政局"}


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("county_verify: no support: YHQ is not among HEJIN, LINYI", "盐湖区不在此措施的协办单位之列，不能承办此环节"),
        ("county_verify: no support: GONE is not among ", "GONE不在此措施的协办单位之列，不能承办此环节"),
        ("formal_check: no lead: JR, CZ", "主办单位应只有一个，现有市金融办、市财政局"),
        ("formal_check: no lead: none", "此环节没有主办单位"),
        ("g: no condition holds and there is no default flow", "分支的条件都不成立，没有可走的下一步"),
        ("verify: ZeroDivisionError: division by zero", "流程不能继续，原因见引擎提示"),
    ],
)
def test_a_cause_is_said_in_plain_words(app: Flask, cause: str, sentence: str) -> None:
    with app.test_request_context():
        found = explain(cause, NAMES)
    assert found.sentence == sentence
    assert found.advice
    assert found.said in (None, cause)
