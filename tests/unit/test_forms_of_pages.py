"""Forms on pages: what a browser posts becomes what the form asks for, and back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from webapp.ui.forms import Option, answers, fields, label_of, read

SCHEMA: dict[str, Any] = {
    "required": ["kind"],
    "properties": {
        "kind": {"title": "品种", "x-title-en": "Kind", "enum": ["note", "bond"]},
        "amount_fen": {"title": "金额（元）", "type": "integer", "format": "fen"},
        "agreed": {"title": "承诺", "type": "boolean"},
        "rows": {
            "title": "发行人",
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "required": ["name"],
                "properties": {
                    "name": {"title": "名称", "type": "string", "maxLength": 100},
                    "uscc": {"title": "代码", "type": "string", "format": "uscc"},
                    "share_fen": {"title": "份额", "type": "integer", "format": "fen"},
                },
            },
        },
    },
}


def no_options(_group: str) -> tuple[Option, ...]:
    return ()


def test_amounts_typed_in_yuan_become_fen() -> None:
    filled = read(SCHEMA, {"amount_fen": "750,000.10"})

    assert filled.data == {"amount_fen": 75_000_010}
    assert filled.errors == ()


@pytest.mark.parametrize(("typed", "code"), [("many", "amount"), ("1.001", "whole-fen"), ("-1", "fen-range")])
def test_amounts_that_cannot_be_read_stay_as_typed(typed: str, code: str) -> None:
    filled = read(SCHEMA, {"amount_fen": typed})

    assert filled.data == {"amount_fen": typed}
    assert [(error.field, error.code) for error in filled.errors] == [("amount_fen", code)]


def test_empty_fields_and_empty_rows_are_left_out() -> None:
    filled = read(SCHEMA, {"kind": " ", "rows.0.name": "", "rows.4.name": " 甲 ", "rows.4.uscc": ""})

    assert filled.data == {"rows": [{"name": "甲"}]}


def test_errors_name_the_row_as_it_is_shown_again() -> None:
    filled = read(SCHEMA, {"rows.0.name": "", "rows.2.name": "乙", "rows.2.share_fen": "x"})

    assert [error.field for error in filled.errors] == ["rows.0.share_fen"]


def test_a_row_can_be_taken_out_without_a_script() -> None:
    filled = read(SCHEMA, {"rows.0.name": "甲", "rows.1.name": "乙"}, remove="rows.0")

    assert filled.data == {"rows": [{"name": "乙"}]}


def test_indexes_that_are_no_numbers_are_ignored() -> None:
    assert read(SCHEMA, {"rows.x.name": "甲", "rows.99999.name": "乙", "rows.٣.name": "丙"}).data == {}


def test_unticked_declaration_is_no_answer() -> None:
    assert read(SCHEMA, {"agreed": "no"}).data == {}
    assert read(SCHEMA, {"agreed": "yes"}).data == {"agreed": True}


def test_fields_show_amounts_in_yuan_and_offer_rows(app: Flask) -> None:
    with app.test_request_context():
        shown = {part.path: part for part in fields(SCHEMA, {"amount_fen": 100}, options=no_options, spare_rows=2)}

    assert shown["amount_fen"].value == "1.00"
    assert shown["kind"].required
    assert [row.path for row in shown["rows"].rows] == ["rows.0", "rows.1"]
    assert shown["rows"].addable


def test_labels_number_what_repeats(app: Flask) -> None:
    with app.test_request_context():
        assert label_of(SCHEMA, "rows.1.name") == "发行人2 · 名称"
        assert label_of(SCHEMA, "nothing") == "nothing"


def test_answers_leave_nothing_out_that_was_filed(app: Flask) -> None:
    with app.test_request_context():
        found = answers(SCHEMA, {"kind": "note", "rows": [{"name": "甲"}], "older": "值"}, options=no_options)

    assert [(answer.label, answer.text) for answer in found] == [("品种", "note"), ("发行人", ""), ("older", "值")]
    assert [[cell.text for cell in row] for row in found[1].rows] == [["甲", "—", "—"]]


def test_one_row_is_called_by_its_own_name_in_english(app: Flask) -> None:
    one = {"title": "发行人", "x-title-en": "Issuer"}
    rows = {"type": "array", "title": "发行人", "x-title-en": "Issuers", "items": one}
    with app.test_request_context(headers={"Cookie": "lianban_language=en"}):
        assert label_of({"properties": {"rows": rows}}, "rows.1") == "Issuer 2"
