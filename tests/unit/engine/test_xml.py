"""Diagrams come from strangers: what the reader refuses before anything looks at them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.engine import xml
from workflows.engine.findings import DiagramRefusedError
from workflows.engine.xml import read

GOOD = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + GOOD.replace(b"/>", b">&b;</definitions>")


def refusal(data: bytes) -> str:
    with pytest.raises(DiagramRefusedError) as caught:
        read(data, name="x.bpmn")
    (finding,) = caught.value.findings
    assert finding.severity == "error"
    assert "x.bpmn" in finding.message
    assert "x.bpmn" in finding.message_en
    return finding.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml-malformed"),
        (b"not xml", "xml-malformed"),
        (GOOD[:-1], "xml-malformed"),
        (b"\xff\xfe\x00", "xml-malformed"),
        (b'<?xml version="1.0" encoding="no-such"?>' + GOOD, "xml-malformed"),
        (b"<a>" * 5000 + b"</a>" * 5000, "xml-malformed"),
        (b"<!DOCTYPE definitions>" + GOOD, "xml-doctype"),
        (BOMB, "xml-doctype"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + GOOD, "xml-doctype"),
        (("<!DOCTYPE x>" + GOOD.decode()).encode("utf-16"), "xml-doctype"),
        (b"<html/>", "not-bpmn"),
        (b"<definitions/>", "not-bpmn"),
        (GOOD + b" " * xml.MAX_BYTES, "xml-too-large"),
        (GOOD.replace(b"/>", b">" + b"<a/>" * (xml.MAX_ELEMENTS + 1) + b"</definitions>"), "xml-too-many-elements"),
    ],
)
def test_refused_before_it_is_read(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_an_entity_is_never_expanded() -> None:
    with pytest.raises(DiagramRefusedError):
        read(BOMB, name="x")


def test_a_plain_diagram_is_read() -> None:
    assert read(GOOD, name="x").tag == "{http://www.omg.org/spec/BPMN/20100524/MODEL}definitions"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda noise: GOOD[:30] + noise + GOOD[30:]))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(DiagramRefusedError):
        read(data, name="x")
