"""What the pages of 人员与岗位 show."""

from __future__ import annotations

from dataclasses import dataclass, field

from webapp.ui.problems import Problem
from workflows.agencies.directory import AgencyRef
from workflows.agencies.grants import Grant
from workflows.agencies.people import PersonView, PostView
from workflows.cases.collaboration.holdings import Holdings
from workflows.permissions import PostKind


@dataclass(frozen=True)
class PeoplePage:
    """The list of people.

    Args:
        people: one part of them.
        search, agency: what it is narrowed to.
        agencies: to choose from.
        next_address: of what follows.
        waiting: how many requests wait for a decision.
        problems: what is wrong with the search.
    """

    people: tuple[PersonView, ...]
    search: str
    agency: str
    agencies: tuple[AgencyRef, ...]
    next_address: str | None
    waiting: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What was typed into a form, and what is wrong with it.

    Args:
        values: by field.
        problems: to mend.
    """

    values: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def value(self, name: str) -> str:
        """Return what was typed."""
        return self.values.get(name, "")

    def problem(self, name: str) -> str | None:
        """Return what is wrong with a field, if anything."""
        return next((problem.text for problem in self.problems if problem.anchor == name), None)


@dataclass(frozen=True)
class PersonPage:
    """One person.

    Args:
        person: with every appointment.
        pending: what waits for a decision about them.
        second_factor: they sign in with one.
        own: the reader's own account, which they do not manage.
        agencies, kinds: to choose from.
        form: of a further post.
        held: what they still hold, for whoever may hand it over.
    """

    person: PersonView
    pending: tuple[Grant, ...]
    second_factor: bool
    own: bool
    agencies: tuple[AgencyRef, ...]
    kinds: tuple[PostKind, ...]
    form: Entered
    held: Holdings | None = None


@dataclass(frozen=True)
class NewPersonPage:
    """The form for a new account."""

    agencies: tuple[AgencyRef, ...]
    kinds: tuple[PostKind, ...]
    form: Entered


@dataclass(frozen=True)
class PostsPage:
    """The list of posts, narrowed to an agency and a kind."""

    posts: tuple[PostView, ...]
    agency: str
    kind: str
    agencies: tuple[AgencyRef, ...]
    kinds: tuple[PostKind, ...]
    next_address: str | None


@dataclass(frozen=True)
class GrantsPage:
    """Requests for grants.

    Args:
        grants: one part of them.
        status: where they stand.
        next_address: of what follows.
        attempt: key of the request whose form was filled in wrongly, and its form.
    """

    grants: tuple[Grant, ...]
    status: str
    next_address: str | None
    attempt: int | None
    form: Entered
