"""The Word templates as they come with the program; `python -m webapp.documents.layout` writes them anew.

Their text is edited in Word, here only their first state is laid down, after GB/T 9704: A4, margins 37, 35, 28 and
26 mm, title of 22 points centred, text of 16 points indented by two characters on lines of 28 points, page numbers in
dashes. Names in double braces are filled in; a paragraph that begins with `{%p` steers those after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from webapp.documents.roles import BODY, DATE, NUMBER, SENDER, TITLE, TO

TEMPLATES = Path(__file__).parent / "templates"

Line = tuple[str, str]

_HEAD: tuple[Line, ...] = ((NUMBER, "{{ document_no }}"), (TO, "{{ to }}："))
_FOOT: tuple[Line, ...] = ((SENDER, "{{ sender }}（印章）"), (DATE, "{{ issued_on }}"))
_REMEDIES: tuple[Line, ...] = (
    (BODY, "{%p if refusal %}"),
    (
        BODY,
        "如不服本决定，可在收到之日起60日内向运城市人民政府申请行政复议，或者6个月内向有管辖权的人民法院提起行政诉讼。",
    ),
    (BODY, "{%p endif %}"),
)

WORDING: dict[str, tuple[str, Sequence[Line]]] = {
    "acceptance": (
        "受理通知书",
        (
            (
                BODY,
                "你单位{{ applied_on }}提交的{{ subject }}申请，材料齐全，符合规定形式，现予受理，"
                "受理日期{{ issued_on }}。",
            ),
            (
                BODY,
                "办件编号：{{ case_no }}。{% if due_on %}办理时限：{{ limit_days }}个工作日，至{{ due_on }}止"
                "{% if uncounted %}；{{ uncounted }}所需时间不计入{% endif %}。{% endif %}",
            ),
            (BODY, "{%p if contact %}"),
            (BODY, "联系人：{{ contact }}{% if phone %}，电话：{{ phone }}{% endif %}。"),
            (BODY, "{%p endif %}"),
        ),
    ),
    "supplement": (
        "一次性告知补正通知书",
        (
            (
                BODY,
                "你单位{{ applied_on }}提交的{{ subject }}申请（{{ case_no }}），材料不齐全或者不符合规定形式，"
                "需补正的全部内容如下：",
            ),
            (BODY, "{%p for item in items %}"),
            (
                BODY,
                "{{ loop.index }}．{{ item.material }}：{{ item.problem }}"
                "{% if item.requirement %}，{{ item.requirement }}{% endif %}。",
            ),
            (BODY, "{%p endfor %}"),
            (BODY, "{%p if due_on %}"),
            (BODY, "请于{{ due_on }}前一并补齐；逾期未补正的，视为撤回申请。补正期间不计入办理时限。"),
            (BODY, "{%p endif %}"),
            (BODY, "{%p if phone %}"),
            (BODY, "咨询电话：{{ phone }}。"),
            (BODY, "{%p endif %}"),
        ),
    ),
    "not_accepted": (
        "不予受理通知书",
        (
            (
                BODY,
                "你单位{{ applied_on }}提交的{{ subject }}申请（{{ case_no }}），经审查，决定不予受理。"
                "{% if reason %}理由和依据：{{ reason }}。{% endif %}",
            ),
            *_REMEDIES,
        ),
    ),
    "completion": (
        "办结通知书",
        (
            (BODY, "你单位{{ subject }}申请（{{ case_no }}）已于{{ issued_on }}办结，结果：{{ outcome }}。"),
            (BODY, "{%p for part in parts %}"),
            (BODY, "{{ loop.index }}．{{ part.name }}：{{ part.outcome }}。"),
            (BODY, "{%p endfor %}"),
            (BODY, "{%p if paid %}"),
            (BODY, "已支付金额：{{ paid }}元。"),
            (BODY, "{%p endif %}"),
            (BODY, "{%p if reason %}"),
            (BODY, "理由和依据：{{ reason }}{% if basis %}（{{ basis }}）{% endif %}。"),
            (BODY, "{%p endif %}"),
            *_REMEDIES,
        ),
    ),
    "withdrawn": (
        "撤回申请确认书",
        (
            (
                BODY,
                "你单位{{ subject }}申请（{{ case_no }}）已于{{ issued_on }}撤回，办件终止。以后可以重新申请。",
            ),
            (BODY, "{%p if reason %}"),
            (BODY, "撤回理由：{{ reason }}。"),
            (BODY, "{%p endif %}"),
        ),
    ),
    "deemed_withdrawn": (
        "视为撤回申请通知书",
        (
            (
                BODY,
                "你单位{{ subject }}申请（{{ case_no }}）逾期未补正，自{{ issued_on }}起视为撤回申请，办件终止。"
                "以后可以重新申请。",
            ),
        ),
    ),
}
"""Kind of document → its title and text."""

_FACTS = (
    (("标　　题", "{{ title }}"),),
    (("来文单位", "{{ sender }}"), ("文　　号", "{{ document_no }}")),
    (("收文日期", "{{ received_on }}"), ("密级缓急", "{{ urgency }}")),
    (("主办单位", "{{ leads }}"), ("协办单位", "{{ supports }}")),
    (("经办人", "{{ handler }}"), ("期　　限", "{{ due_on }}")),
    (("事由摘要", "{{ summary }}"),),
    (("附　　件", "{{ attachments }}"),),
)
_OPINIONS = (
    ("拟办意见", "draft"),
    ("会签意见", "countersign"),
    ("复核意见", "review"),
    ("领导批示", "instruction"),
    ("办理结果", "result"),
)


def write_all(folder: Path) -> None:
    """Write every template into `folder`."""
    for kind, (title, lines) in WORDING.items():
        document = _blank((37, 35, 28, 26))
        for style, text in ((TITLE, title), *_HEAD, *lines, *_FOOT):
            document.add_paragraph(text, style=style)
        document.save(str(folder / f"{kind}.docx"))
    _approval().save(str(folder / "approval.docx"))


def _blank(margins: tuple[int, int, int, int]) -> Any:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Mm(m) for m in margins)
    document.core_properties.author = "联办"
    document.core_properties.title = ""
    _style(document, TITLE, "方正小标宋简体", 22, align=WD_ALIGN_PARAGRAPH.CENTER, line=36, after=6)
    _style(document, NUMBER, "仿宋", 16, align=WD_ALIGN_PARAGRAPH.CENTER, after=14)
    _style(document, TO, "仿宋", 16)
    _style(document, BODY, "仿宋", 16, indent=True)
    _style(document, SENDER, "仿宋", 16, align=WD_ALIGN_PARAGRAPH.RIGHT, before=56)
    _style(document, DATE, "仿宋", 16, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _style(document, "表格文字", "仿宋", 12, line=18)
    _style(document, "表格栏目", "黑体", 12, align=WD_ALIGN_PARAGRAPH.CENTER, line=18)
    _page_number(section.footer.paragraphs[0])
    return document


def _style(
    document: Any,
    name: str,
    font: str,
    size: int,
    *,
    align: WD_ALIGN_PARAGRAPH | None = None,
    line: int = 28,
    before: int = 0,
    after: int = 0,
    indent: bool = False,
) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.font.name, style.font.size = font, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(script), font)
    layout = style.paragraph_format
    layout.alignment, layout.space_before, layout.space_after = align, Pt(before), Pt(after)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    if indent:
        spacing = OxmlElement("w:ind")
        spacing.set(qn("w:firstLineChars"), "200")
        spacing.set(qn("w:firstLine"), str(size * 2 * 20))
        style.element.get_or_add_pPr().append(spacing)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text
        run._r.append(part)
    paragraph.add_run(" —")


def _approval() -> Any:
    document = _blank((30, 28, 25, 22))
    document.add_paragraph("呈　批　表", style=TITLE)
    number = document.add_paragraph("编号：{{ case_no }}", style="表格文字")
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    table = document.add_table(rows=0, cols=4, style="Table Grid")
    table.autofit = False
    for row in _FACTS:
        cells = table.add_row().cells
        if len(row) == 1:
            cells[1].merge(cells[3])
        for place, (label, text) in zip((0, 2), row, strict=False):
            _cell(cells[place], label, "表格栏目")
            _cell(cells[place + 1], text, "表格文字")
    for label, name in _OPINIONS:
        cells = table.add_row().cells
        merged = cells[1].merge(cells[3])
        _cell(cells[0], label, "表格栏目")
        _cell(merged, f"{{%p for note in {name} %}}", "表格文字")
        merged.add_paragraph("{{ note.text }}", style="表格文字")
        signed = merged.add_paragraph("{{ note.by }}　{{ note.on }}", style="表格文字")
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        merged.add_paragraph("{%p endfor %}", style="表格文字")
        merged.add_paragraph("", style="表格文字")
    for row in table.rows:
        for cell, width in zip(row.cells, (24, 57, 24, 58), strict=True):
            cell.width = Mm(width)
    return document


def _cell(cell: Any, text: str, style: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = style
    paragraph.add_run(text)


if __name__ == "__main__":
    write_all(TEMPLATES)
