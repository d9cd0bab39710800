"""材料清单: which papers an application takes, as data beside the diagram (`materials.json`).

A version's checklist is part of the version: a running case keeps the list it was opened with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from workflows.decisions import EvaluationLimitError, Expression, ExpressionError, compile_expression

KINDS = ("pdf", "png", "jpg", "docx", "xlsx", "ofd")
"""What an item may accept; the endings of a file's name, which its bytes must bear out."""
MAX_MB = 100
MAX_FILES = 20
MAX_ITEMS = 60
MAX_TEXT = 500

ROW = "row"
"""How a condition names the row of the application that an item repeated for each row is about."""

ITEM_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")

SuppliedBy = Literal["applicant", "officer"]


@dataclass(frozen=True)
class MaterialItem:
    """One line of a checklist.

    Args:
        required: always, never, or when the condition holds on the application.
        per: the list of the application that the item is repeated for, such as `issuers`; None for once per case.
        supplied_by: papers of officers are never shown to applicants.
        kinds: accepted endings, from `KINDS`.
        max_mb: of one file.
        max_files: at a time; each of them keeps its versions.
        hint: what to take care of.
        sample: an example of what a good one says.
    """

    id: str
    name: str
    name_en: str
    required: bool | Expression = False
    per: str | None = None
    supplied_by: SuppliedBy = "applicant"
    kinds: tuple[str, ...] = KINDS
    max_mb: int = MAX_MB
    max_files: int = 1
    hint: str = ""
    hint_en: str = ""
    sample: str = ""
    sample_en: str = ""

    def is_required(self, form: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> bool:
        """Tell whether an application must come with it.

        A condition too costly to work out counts as holding: asking for one paper too many is put right by a word.
        """
        if isinstance(self.required, bool):
            return self.required
        names = {name: form.get(name) for name in self.required.names}
        if ROW in names:
            names[ROW] = dict(row or {})
        try:
            return self.required.evaluate(names) is True
        except EvaluationLimitError:
            return True


@dataclass(frozen=True)
class Checklist:
    """The papers of a version, in the order shown."""

    items: tuple[MaterialItem, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """List of the application → the field by which its rows are told apart."""

    def find(self, item_id: str | None) -> MaterialItem | None:
        """Return an item, or None where the list has none of this id."""
        return next((item for item in self.items if item.id == item_id), None)

    def rows(
        self, item: MaterialItem, form: Mapping[str, Any]
    ) -> Iterator[tuple[str | None, Mapping[str, Any] | None]]:
        """Tell for whom an item is asked: (subject, row) for each row it is repeated for, or once (None, None)."""
        if item.per is None:
            yield None, None
            return
        rows = form.get(item.per)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            yield self.subject(item.per, index, row), row

    def subject(self, name: str, index: int, row: Mapping[str, Any]) -> str:
        """Return what tells a row from the others for good, such as a credit code: rows may change places."""
        return str(row.get(self.keys.get(name, "")) or index)[:40]


def read_checklist(content: Mapping[str, Any] | None, form: Mapping[str, Any] | None) -> Checklist:
    """Return the checklist of a version that has passed its check.

    Args:
        content: of `materials.json`, or None where the process asks for nothing.
        form: JSON Schema of the application.
    """
    items = tuple(_item(given) for given in (content or {}).get("items", ()))
    lists = _lists(form or {})
    return Checklist(items, {name: (part.get("x-unique") or [""])[0] for name, part in lists.items()})


def _item(given: Mapping[str, Any]) -> MaterialItem:
    required = given.get("required", False)
    return MaterialItem(
        id=given["id"],
        name=given["name"],
        name_en=given.get("name_en", given["name"]),
        required=compile_expression(required) if isinstance(required, str) else required,
        per=given.get("per"),
        supplied_by=given.get("supplied_by", "applicant"),
        kinds=tuple(given.get("kinds", KINDS)),
        max_mb=given.get("max_mb", MAX_MB),
        max_files=given.get("max_files", 1),
        **{name: given.get(name, "") for name in ("hint", "hint_en", "sample", "sample_en")},
    )


def _lists(form: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: part for name, part in form.get("properties", {}).items() if part.get("type") == "array"}


@dataclass(frozen=True)
class Remark:
    """Something wrong with a checklist, in both languages: what it is and what to do."""

    code: str
    item: str | None
    zh: str
    en: str


_ITEM_KEYS = frozenset(one.name for one in fields(MaterialItem)) | {"basis"}
"""`basis` says where the demand comes from, for those who keep the list."""


def check_checklist(content: object, form: Mapping[str, Any] | None) -> Iterator[Remark]:
    """Tell everything that is wrong with `materials.json`.

    Args:
        content: as read from the file.
        form: JSON Schema of the application, whose fields conditions may name.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("items"), list):
        yield Remark(
            "materials-shape",
            None,
            "材料清单应为{“items”: [...]}，每份材料一项，请按说明改写。",
            "The checklist must be {“items”: [...]} with one entry for each paper; rewrite it as the guide shows.",
        )
        return
    yield from _unknown_keys(content, frozenset({"items"}), None, "材料清单", "The checklist")
    if len(content["items"]) > MAX_ITEMS:
        yield Remark(
            "materials-too-many",
            None,
            f"材料清单有{len(content['items'])}项，最多{MAX_ITEMS}项，请合并。",
            f"The checklist has {len(content['items'])} entries; at most {MAX_ITEMS} are allowed. Merge some.",
        )
    seen: set[str] = set()
    for number, given in enumerate(content["items"], 1):
        yield from _check_item(given, number, form or {}, seen)


def _check_item(given: object, number: int, form: Mapping[str, Any], seen: set[str]) -> Iterator[Remark]:
    if not isinstance(given, Mapping):
        yield Remark(
            "materials-shape",
            None,
            f"材料清单第{number}项不是一份材料，请写成{{“id”: ..., “name”: ...}}。",
            f"Entry {number} of the checklist is not a paper; write it as {{“id”: ..., “name”: ...}}.",
        )
        return
    item_id = given.get("id")
    known = item_id if isinstance(item_id, str) else None
    zh, en = f"材料清单第{number}项（{given.get('name') or known or '未命名'}）", f"Entry {number} of the checklist"
    if known is None or not ITEM_ID.fullmatch(known):
        yield Remark(
            "materials-id",
            known,
            f"{zh}的 id 应以小写字母开头，只用小写字母、数字和下划线，最多40个字。",
            f"{en}: the id must begin with a small letter and have only small letters, digits and underscores,"
            " 40 at most.",
        )
    elif known in seen:
        yield Remark(
            "materials-duplicate",
            known,
            f"{zh}的 id 与前面一项相同，请改成不同的 id。",
            f"{en}: the id “{known}” was used before; choose another.",
        )
    seen.add(known or "")
    yield from _unknown_keys(given, _ITEM_KEYS, known, zh, en)
    yield from _check_texts(given, known, zh, en)
    yield from _check_figures(given, known, zh, en)
    yield from _check_use(given, known, form, zh, en)


def _unknown_keys(
    given: Mapping[str, Any], allowed: frozenset[str], item: str | None, zh: str, en: str
) -> Iterator[Remark]:
    for key in sorted(set(given) - allowed, key=str):
        yield Remark(
            "materials-unknown-key",
            item,
            f"{zh}写了“{key}”，系统不认识，写错的会被忽略，请改正或者删去。",
            f"{en} says “{key}”, which means nothing here and would be ignored; correct or remove it.",
        )


def _check_texts(given: Mapping[str, Any], item: str | None, zh: str, en: str) -> Iterator[Remark]:
    for key in ("name", "name_en"):
        value = given.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > 100:
            yield Remark(
                "materials-name",
                item,
                f"{zh}缺“{key}”或者超过100个字，请写明材料的名称。",
                f"{en}: “{key}” is missing or longer than 100 characters; name the paper.",
            )
    for key in ("hint", "hint_en", "sample", "sample_en", "basis"):
        value = given.get(key, "")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            yield Remark(
                "materials-text",
                item,
                f"{zh}的“{key}”应为不超过{MAX_TEXT}个字的文字。",
                f"{en}: “{key}” must be a text of at most {MAX_TEXT} characters.",
            )


def _check_figures(given: Mapping[str, Any], item: str | None, zh: str, en: str) -> Iterator[Remark]:
    for key, most in (("max_mb", MAX_MB), ("max_files", MAX_FILES)):
        value = given.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            yield Remark(
                "materials-figure",
                item,
                f"{zh}的“{key}”应为1至{most}的整数。",
                f"{en}: “{key}” must be a whole number from 1 to {most}.",
            )
    kinds = given.get("kinds", list(KINDS))
    if not isinstance(kinds, list) or not kinds or any(kind not in KINDS for kind in kinds):
        yield Remark(
            "materials-kind",
            item,
            f"{zh}的“kinds”只能从 {'、'.join(KINDS)} 中选，至少一种。",
            f"{en}: “kinds” takes only {', '.join(KINDS)}, at least one of them.",
        )
    if given.get("supplied_by", "applicant") not in ("applicant", "officer"):
        yield Remark(
            "materials-supplier",
            item,
            f"{zh}的“supplied_by”应为 applicant（申请人）或 officer（工作人员）。",
            f"{en}: “supplied_by” must be applicant or officer.",
        )


def _check_use(
    given: Mapping[str, Any], item: str | None, form: Mapping[str, Any], zh: str, en: str
) -> Iterator[Remark]:
    per, lists = given.get("per"), _lists(form)
    if per is not None and (not isinstance(per, str) or per not in lists):
        names = "、".join(lists) or "无"
        yield Remark(
            "materials-list",
            item,
            f"{zh}按“{per}”逐个提交，申请表没有这个列表（有的：{names}），请改正。",
            f"{en} is asked for each of “{per}”, which is no list of the application; correct it.",
        )
    required = given.get("required", False)
    if isinstance(required, bool):
        return
    problem = _condition_problem(required, form, lists.get(per) if isinstance(per, str) else None)
    if problem is not None:
        yield Remark(
            "materials-condition",
            item,
            f"{zh}的“required”应为 true、false 或者条件：{problem.message}",
            f"{en}: “required” must be true, false or a condition: {problem.message_en}",
        )


def _condition_problem(
    required: object, form: Mapping[str, Any], rows: Mapping[str, Any] | None
) -> ExpressionError | None:
    if not isinstance(required, str):
        return ExpressionError(0, "这里写的不是条件。", "this is no condition.")
    fields = set(form.get("properties", {}))
    try:
        expression = compile_expression(required, names=fields | ({ROW} if rows else set()))
    except ExpressionError as problem:
        return problem
    of_row = set((rows or {}).get("items", {}).get("properties", {}))
    for name, member in sorted(expression.members):
        if name == ROW and member not in of_row:
            return ExpressionError(0, f"“{ROW}”没有“{member}”这一项。", f"“{ROW}” has no “{member}”.")
    return None
