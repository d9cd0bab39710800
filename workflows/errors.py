"""What can go wrong, as types with fields and a stable code.

No HTTP and no wording here: `webapp` turns each into a status and a sentence in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import ClassVar


class LianbanError(Exception):
    """The root of every error the domain raises on purpose.

    `code` is stable and public: clients may branch on it.
    """

    code: ClassVar[str] = "error"


@dataclass(frozen=True)
class FieldError:
    """One field that was filled in wrongly.

    Args:
        field: path of the field, dots and indexes as in `issuers.0.uscc`.
        code: what is wrong with it, such as `required`, `unknown-field`, `too-long`, `uscc-check-digit`.
        params: the figures the sentence needs, such as `{"maximum": 200}`.
    """

    field: str
    code: str
    params: Mapping[str, object] = dataclass_field(default_factory=dict)


class InvalidInputError(LianbanError):
    """What was sent cannot be accepted; nothing was changed."""

    code = "invalid-input"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{e.field}: {e.code}" for e in self.errors))


class ObjectionsUnansweredError(InvalidInputError):
    """The lead decides without having answered every objection.

    Args:
        unanswered: the task each objection was given with → names of the agency that objects, Chinese and English.
    """

    code = "objections-unanswered"

    def __init__(self, unanswered: Mapping[int, tuple[str, str]]) -> None:
        self.task_ids = tuple(unanswered)
        super().__init__(
            FieldError("answers", "answer-required", {"task_id": task_id, "zh": zh, "en": en})
            for task_id, (zh, en) in unanswered.items()
        )


class NotFoundError(LianbanError):
    """There is no such thing for this actor; another agency's object is the same as none."""

    code = "not-found"

    def __init__(self, kind: str, key: object) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"{kind} {key}")


class PermissionDeniedError(LianbanError):
    """The actor may see the object but not do this to it."""

    code = "permission-denied"

    def __init__(self, permission: str, reason: str | None = None) -> None:
        self.permission, self.reason = permission, reason
        super().__init__(f"{permission}: {reason or 'not granted'}")


class StateConflictError(LianbanError):
    """The object is not in a state that allows this."""

    code = "state-conflict"

    def __init__(self, kind: str, key: object, state: str, wanted: str) -> None:
        self.kind, self.key, self.state, self.wanted = kind, key, state, wanted
        super().__init__(f"{kind} {key} is {state}, cannot {wanted}")


class ConcurrencyError(LianbanError):
    """Somebody changed the object since it was read."""

    code = "row-version-stale"

    def __init__(self, kind: str, key: object) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"{kind} {key} has changed")


class TaskAlreadyClaimedError(StateConflictError):
    """Somebody else holds the task.

    Args:
        task_id: the task.
        holder: the holder's name, as shown to colleagues.
    """

    code = "task-already-claimed"

    def __init__(self, task_id: int, holder: str) -> None:
        self.task_id, self.holder = task_id, holder
        super().__init__("task", task_id, f"claimed by {holder}", "claim")


class AlreadyUrgedError(StateConflictError):
    """The actor has reminded of this task today; once a day is enough."""

    code = "urged-today"

    def __init__(self, task_id: int) -> None:
        super().__init__("task", task_id, "urged today", "urge")


class LetterNeededError(PermissionDeniedError):
    """The agency is outside the city's administration: what it needs is an official letter (函), not a reminder.

    Args:
        agency_code, agency_name: the agency, as shown to colleagues.
    """

    code = "letter-needed"

    def __init__(self, agency_code: str, agency_name: str) -> None:
        self.agency_code, self.agency_name = agency_code, agency_name
        super().__init__("task:urge", f"{agency_code} gets letters")


class SamePersonError(PermissionDeniedError):
    """One person may not do both of two steps that must be kept apart."""

    code = "same-person"

    def __init__(self, node_id: str, other_node_id: str) -> None:
        self.node_id, self.other_node_id = node_id, other_node_id
        super().__init__("task:complete", f"{node_id} must be done by another person than {other_node_id}")


class ApplicantDecidesError(PermissionDeniedError):
    """Nobody decides on their own application, nor on one they filed for somebody else."""

    code = "applicant-decides"

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id
        super().__init__("task:complete", f"{node_id} decides on the actor's own application")


class RoutingError(LianbanError):
    """No agency, or no post in it, can be found for a step."""

    code = "no-candidate"

    def __init__(self, node_id: str, role: str, detail: str) -> None:
        self.node_id, self.role, self.detail = node_id, role, detail
        super().__init__(f"{node_id}: no {role}: {detail}")


class DefinitionError(LianbanError):
    """A diagram, expression or form that cannot be run."""

    code = "definition"


class EngineError(LianbanError):
    """The engine failed on a case; the case is left as it was and an incident is opened.

    Args:
        node_id: where, if known.
        cause: what the engine said.
    """

    code = "engine"

    def __init__(self, node_id: str | None, cause: str) -> None:
        self.node_id, self.cause = node_id, cause
        super().__init__(f"{node_id or 'process'}: {cause}")
