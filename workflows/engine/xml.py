"""BPMN bytes to a tree, without anything XML can do besides being a tree."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from workflows.engine.findings import DiagramRefusedError, Finding, error
from workflows.engine.types import Sources

MAX_BYTES = 2 * 1024 * 1024
"""Of one file."""
MAX_ELEMENTS = 50_000
"""Of one file, drawing included."""
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LIANBAN = "urn:lianban:bpmn:1"
BPMN_TAG = "{" + BPMN + "}"
LIANBAN_TAG = "{" + LIANBAN + "}"

Element = etree._Element


def read(data: bytes, *, name: str) -> Element:
    """The root element of one BPMN file.

    Args:
        data: the file's bytes.
        name: its name, for the message.

    Raises:
        DiagramRefusedError: it is too large, carries a DOCTYPE, is not well-formed XML, or is no BPMN file.
    """
    if len(data) > MAX_BYTES:
        raise _refused(name, "xml-too-large", "文件超过 2 MB", "is larger than 2 MB")
    # Zero bytes are dropped so that a DOCTYPE written in UTF-16 is seen as well.
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():
        raise _doctype(name)
    root = _parse(data, name)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype(name)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise _refused(
            name, "xml-too-many-elements", f"元素超过 {MAX_ELEMENTS} 个", f"has more than {MAX_ELEMENTS} elements"
        )
    if root.tag != BPMN_TAG + "definitions":
        raise _refused(name, "not-bpmn", "不是 BPMN 2.0 流程图", "is not a BPMN 2.0 diagram")
    return root


def read_all(sources: Sources) -> Mapping[str, Element]:
    """The root elements of every file by name, the main file first.

    Raises:
        DiagramRefusedError: the main file is missing, or a file cannot be read.
    """
    if sources.main not in sources.files:
        raise _refused(sources.main, "file-missing", "没有提供", "was not given")
    names = [sources.main, *sorted(name for name in sources.files if name != sources.main)]
    return {name: read(sources.files[name], name=name) for name in names}


def _parse(data: bytes, name: str) -> Element:
    # A comment in the middle of a condition would otherwise cut it in two for whoever reads only its first text.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, LookupError, ValueError) as failure:
        line = getattr(failure, "lineno", None)
        place, place_en = (f"第 {line} 行", f" at line {line}") if line else ("", "")
        raise _refused(
            name, "xml-malformed", f"{place}不是合格的 XML", f"is not well-formed XML{place_en}"
        ) from failure
    if root is None:
        raise _refused(name, "xml-malformed", "是空的", "is empty")
    return root


def _doctype(name: str) -> DiagramRefusedError:
    return _refused(name, "xml-doctype", "含有 DOCTYPE 声明，不予接收", "carries a DOCTYPE, which is not accepted")


def _refused(name: str, code: str, what: str, what_en: str) -> DiagramRefusedError:
    finding: Finding = error(
        code,
        None,
        f"文件“{name}”{what}，请用流程编辑器重新导出后再上传。",
        f"The file “{name}” {what_en}; export it again from the process editor and upload that.",
    )
    return DiagramRefusedError([finding])
