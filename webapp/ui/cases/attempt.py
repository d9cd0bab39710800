"""What a reader tried on the case page that did not pass, so that the page can show it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.ui.cases.signing import SigningAttempt
from webapp.ui.problems import Problem


@dataclass(frozen=True)
class Attempt:
    """A form of the case page as it came back.

    Args:
        tab: the tab the form is on; None leaves it to the address.
        verb: which act on the case, with its `reason`.
        values: other texts as entered, by the id of their field.
    """

    tab: str | None = None
    verb: str | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    signing: SigningAttempt | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> Mapping[str, str]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}
