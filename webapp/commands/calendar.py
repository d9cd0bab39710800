"""Loading a holiday notice from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask_babel import force_locale

from config import Config
from webapp import wording
from webapp.commands.within import application
from webapp.transaction import reading, writing
from workflows.cases.calendar_loading import CalendarPreview, load_calendar, preview_calendar
from workflows.clock import SystemClock
from workflows.errors import InvalidInputError


class NoticeError(Exception):
    """The notice cannot be loaded; nothing was changed."""


def load(config: Config, file: Path, *, confirm: Callable[[CalendarPreview], bool]) -> int | None:
    """Load the notice in `file` if `confirm` agrees to what it would change; return the new version's number.

    Raises:
        NoticeError: saying in both languages what is wrong, field by field.
    """
    with application(config):
        try:
            text = file.read_text(encoding="utf-8")
            preview = preview_calendar(reading(), text, actor=None)
            if not confirm(preview):
                return None
            with writing() as session:
                base = preview.draft.base_version
                load_calendar(session, text, base_version=base, actor=None, clock=SystemClock())
        except UnicodeDecodeError as error:
            raise NoticeError("文件应为UTF-8编码 · Save the file as UTF-8") from error
        except InvalidInputError as error:
            raise NoticeError("\n".join(_said(error))) from error
        return base + 1


def _said(error: InvalidInputError) -> list[str]:
    lines = []
    for one in error.errors:
        with force_locale("zh_Hans_CN"):
            chinese = wording.field_sentence(one)
        with force_locale("en"):
            lines.append(f"{one.field}: {chinese} · {wording.field_sentence(one)}")
    return lines
