"""The reasons of a due date as sentences, whole ones in each language."""

from __future__ import annotations

from typing import Literal

from workflows.deadlines.counting import DayReason, Why
from workflows.deadlines.tables import PauseKind

Language = Literal["zh", "en"]

_SENTENCES: dict[Why, dict[Language, str]] = {
    Why.START: {"zh": "起算当日，不计入", "en": "First day, not counted"},
    Why.WORKING_DAY: {"zh": "工作日，计入", "en": "Working day, counted"},
    Why.MAKE_UP_DAY: {"zh": "{festival}调休上班日，计入", "en": "Make-up working day for {festival}, counted"},
    Why.WEEKEND: {"zh": "周末，不计入", "en": "Weekend, not counted"},
    Why.HOLIDAY: {"zh": "{festival}放假，不计入", "en": "{festival} holiday, not counted"},
    Why.PAUSED: {"zh": "{pause}，暂停计时，不计入", "en": "{pause}, clock paused, not counted"},
}
_ROLLED_TO: dict[Language, str] = {"zh": "顺延至此日", "en": "Moved on to this day"}
_PROVISIONAL: dict[Language, str] = {
    "zh": "（暂定，当年放假安排未公布）",
    "en": " (provisional, the year's holidays are not published yet)",
}


_PAUSES: dict[str, dict[Language, str]] = {
    PauseKind.SUPPLEMENT: {"zh": "等待补正", "en": "Waiting for the applicant"},
    PauseKind.OUTSIDE: {"zh": "等待外部单位", "en": "Waiting for an outside agency"},
    PauseKind.SUSPENDED: {"zh": "中止", "en": "Suspended"},
}


def word_pause(kind: str, language: Language) -> str:
    """Return why a clock stands still; a kind not known by name is returned as it is."""
    known = _PAUSES.get(kind)
    return known[language] if known else kind


def word(reason: DayReason, language: Language) -> str:
    """Return the reason as one sentence, with a mark where the year is provisional."""
    sentence = _SENTENCES[reason.why][language]
    if reason.why in (Why.WORKING_DAY, Why.MAKE_UP_DAY) and not reason.counted:
        sentence = _ROLLED_TO[language]
    if reason.why is Why.PAUSED:
        return sentence.format(pause=word_pause(reason.pause, language))
    if reason.festival is not None:
        name = reason.festival.name if language == "zh" else reason.festival.name_en
        sentence = sentence.format(festival=name)
    return sentence + (_PROVISIONAL[language] if reason.provisional else "")
