"""The styles of the Word templates, and what part of a document each stands for."""

from __future__ import annotations

TITLE, NUMBER, TO, BODY, SENDER, DATE = "公文标题", "发文字号", "主送机关", "公文正文", "发文机关", "成文日期"
ROLES = {TITLE: "title", NUMBER: "number", TO: "to", BODY: "body", SENDER: "sender", DATE: "date"}
"""Style of a paragraph → its part in the print view and the PDF; any other style counts as text."""
