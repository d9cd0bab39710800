"""The five steps of every route: authorise, parse, call, commit, render. A view holds only the third."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from webapp import context
from webapp.api import idempotency
from webapp.api.access import Access, Open, require
from webapp.api.intake import Received, fingerprint, read_json, read_query
from webapp.api.problems import problem_response, reader_language
from webapp.api.sentences import Language
from webapp.identity.errors import SessionExpiredError
from webapp.identity.flask import find_login, find_unfinished
from webapp.identity.logins import Login
from webapp.identity.models import LoginLimit
from webapp.transaction import reading, writing
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor

V = TypeVar("V", bound=Callable[..., Any])

ROUTE = "lianban_route"
"""Attribute of a registered view function that holds its `Route`."""


@dataclass(frozen=True)
class Call:
    """What a view is handed.

    Args:
        session: the transaction; a writing one for everything but GET.
        clock: tells the time.
        language: the reader's.
        login: the caller's; None only where everybody may call.
    """

    session: Session
    clock: Clock
    language: Language
    login: Login | None

    @property
    def actor(self) -> Actor:
        """Who acts.

        Raises:
            SessionExpiredError: nobody is signed in.
        """
        if self.login is None:
            raise SessionExpiredError
        return self.login.actor


@dataclass(frozen=True)
class Created:
    """An answer that also says where the new thing is.

    Args:
        content: the answer.
        location: its path.
    """

    content: BaseModel
    location: str


@dataclass(frozen=True)
class OtherBody:
    """A body that is not plain JSON.

    Args:
        read: takes the request in before the transaction begins, so that slow storing holds no lock; gets the call in
            a reading transaction and the arguments of the path.
        content: media type → `{"schema": JSON Schema}` or `{"model": model}`, as documented.
    """

    read: Callable[..., Received]
    content: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Route:
    """The declaration of one route.

    Args:
        method: GET, POST or DELETE.
        access: who may call it.
        status: of the answer when all goes well.
        answer: its content; None for no content or a file.
        body: what it takes.
        query: the parameters it takes.
        files: media types the answer may have where it is a file.
        own_transaction: the view commits by itself, because something must outlive its failure, or because its answer
            holds a secret that must not be kept.
        while_waiting: what a login may wait for and still call this: the route is how to do it, or how to leave.
    """

    method: str
    access: Access
    status: int = 200
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | OtherBody | None = None
    query: type[BaseModel] | None = None
    files: tuple[str, ...] = ()
    own_transaction: bool = False
    while_waiting: tuple[LoginLimit, ...] = ()

    @property
    def keeps_answers(self) -> bool:
        """Tell whether `Idempotency-Key` works here: on every POST of somebody who is signed in, secrets apart."""
        return self.method == "POST" and self.access is not Open.EVERYBODY and not self.own_transaction


class Routes:
    """The routes of one area."""

    def __init__(self, blueprint: APIBlueprint, tag: str) -> None:
        self._blueprint = blueprint
        self._tag = tag

    def get(self, rule: str, access: Access, **declared: Any) -> Callable[[V], V]:
        """Register a view that changes nothing but the marks of who has read what."""
        return self._add(rule, Route("GET", access, **declared))

    def post(self, rule: str, access: Access, **declared: Any) -> Callable[[V], V]:
        """Register a view that runs in one writing transaction."""
        return self._add(rule, Route("POST", access, **declared))

    def delete(self, rule: str, access: Access, **declared: Any) -> Callable[[V], V]:
        """Register a view that ends something, in one writing transaction."""
        return self._add(rule, Route("DELETE", access, **declared))

    def _add(self, rule: str, route: Route) -> Callable[[V], V]:
        def register(view: V) -> V:
            @wraps(view)
            def answer(**arguments: Any) -> Response:
                return respond(route, view, arguments)

            setattr(answer, ROUTE, route)
            secured = None if route.access is Open.EVERYBODY else "bearer"
            documented = self._blueprint.doc(tags=[self._tag], operation_id=view.__name__, security=secured)(answer)
            self._blueprint.add_url_rule(
                rule, view.__name__, documented, methods=[route.method], provide_automatic_options=False
            )
            return view

        return register


def respond(route: Route, view: Callable[..., Any], arguments: dict[str, Any]) -> Response:
    """Answer the current request by `view`, or say why not."""
    language = reader_language(request)
    try:
        return _carry_out(route, view, arguments, language)
    except Exception as error:
        return problem_response(error, language)


def _carry_out(route: Route, view: Callable[..., Any], arguments: dict[str, Any], language: Language) -> Response:
    login, unfinished = find_login(), find_unfinished()
    if unfinished is not None and unfinished.limit in route.while_waiting:
        login = unfinished
    require(route.access, login, unfinished=unfinished)
    caller = login.actor if login else None
    call = Call(reading(), context.clock(), language, login)
    key = idempotency.read_key(request.headers.get(idempotency.HEADER)) if route.keeps_answers else None
    if route.query is not None:
        arguments["query"] = read_query(request.args, route.query)
    received = _receive(route, call, arguments)
    if route.body is not None:
        arguments["body"] = received.value
    if route.method == "GET" or route.own_transaction:
        return _render(route, view(call, **arguments))
    with writing() as session:
        asked = _asked(caller, key, received)
        before = idempotency.begin(session, asked, clock=call.clock) if asked else None
        if before is not None:
            return _replay(before)
        with _fields_as_sent(route):
            given = view(replace(call, session=session), **arguments)
        response = _render(route, given)
        if asked:
            idempotency.finish(session, asked, _reply(response))
    return response


def _receive(route: Route, call: Call, arguments: dict[str, Any]) -> Received:
    if isinstance(route.body, OtherBody):
        return route.body.read(call, **arguments)
    if route.body is not None:
        return read_json(request, route.body)
    return Received(None, fingerprint(b""))


@contextmanager
def _fields_as_sent(route: Route) -> Iterator[None]:
    """Name the fields of a form by where they were sent: the services know the form, not that it came as `data`."""
    try:
        yield
    except InvalidInputError as error:
        body = route.body if isinstance(route.body, type) else None
        of_form = type(error) is InvalidInputError  # what has a code of its own names its fields itself
        if body is None or "data" not in body.model_fields or not of_form:
            raise
        raise InvalidInputError(_in_data(found, body) for found in error.errors) from None


def _in_data(error: FieldError, body: type[BaseModel]) -> FieldError:
    is_own = error.field.partition(".")[0] in body.model_fields
    return error if is_own else replace(error, field=f"data.{error.field}")


def _asked(caller: Actor | None, key: str | None, received: Received) -> idempotency.Request | None:
    if caller is None or key is None:
        return None
    called = f"{request.method} {request.path} {caller.post_id}"
    return idempotency.Request(caller.person_id, key, called, received.fingerprint)


def _render(route: Route, given: BaseModel | Created | Response | None) -> Response:
    if isinstance(given, Response):
        return given
    if given is None:
        return Response(status=204)
    content = given.content if isinstance(given, Created) else given
    response = Response(content.model_dump_json(by_alias=True), route.status, content_type="application/json")
    if isinstance(given, Created):
        response.headers["Location"] = given.location
    return response


def _reply(response: Response) -> idempotency.Reply:
    return idempotency.Reply(response.status_code, response.get_data(), response.headers.get("Location"))


def _replay(reply: idempotency.Reply) -> Response:
    response = Response(reply.content, reply.status, content_type="application/json")
    if reply.location:
        response.headers["Location"] = reply.location
    response.headers["Idempotency-Replayed"] = "true"
    return response
