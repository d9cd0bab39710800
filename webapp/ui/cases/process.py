"""The published process a case runs on: its diagram, and the words it has for decisions."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree
from sqlalchemy.orm import Session

from webapp.ui.language import DEFAULT_LANGUAGE, reader_language
from workflows.cases.views import CaseDetail
from workflows.engine import ProcessModel
from workflows.engine.model import Decision
from workflows.processes import PublishedProcess, load_version
from workflows.processes.sources import MAIN

_NAME_EN = "{urn:lianban:bpmn:1}nameEn"


def process_of(session: Session, case: CaseDetail) -> PublishedProcess:
    """Return the published version a case runs on."""
    return load_version(session, case.process_version_id).process


def diagram_of(session: Session, case: CaseDetail) -> bytes:
    """Return the BPMN XML the case runs on, with its names in the reader's language."""
    xml = process_of(session, case).files.diagrams[MAIN]
    return xml if reader_language() == DEFAULT_LANGUAGE else _with_english_names(xml)


def _with_english_names(xml: bytes) -> bytes:
    """Put each element's `lianban:nameEn` in the place of its name, which is what the viewer draws."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    for element in root.iter():
        english = element.get(_NAME_EN)
        if english:
            element.set("name", english)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def model_of(session: Session, case: CaseDetail) -> ProcessModel:
    """Return the diagram as this program reads it."""
    return process_of(session, case).model


def decisions_of(model: ProcessModel) -> Mapping[tuple[str, str], Decision]:
    """Return the decisions by step and id."""
    return {(node.id, decision.id): decision for node in model.nodes.values() for decision in node.decisions}
