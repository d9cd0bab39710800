"""People, posts and agencies, for administrators. Nothing of any case is in it."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.administration import (
    AgencyList,
    AppointmentList,
    AppointmentQuery,
    GrantRequest,
    GrantWithPassword,
    NewAppointment,
    NewPerson,
    OnePerson,
    PeopleQuery,
    PersonList,
    PostList,
    PostQuery,
    appointment,
    grant_request,
    listed_agency,
    person,
    post,
)
from webapp.api.v1.content.base import Nothing, PageQuery
from webapp.api.v1.paging import key_of, page_of
from webapp.identity.passwords import hash_password, make_password
from webapp.identity.second_factor import find_standing, reset_second_factor
from webapp.transaction import writing
from workflows.agencies import people
from workflows.agencies.accounts import NewAccount
from workflows.agencies.directory import list_agencies
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.request_grant import (
    Term,
    request_account,
    request_appointment,
    request_password,
    request_restoration,
)
from workflows.clock import office_date
from workflows.permissions import Permission

routes = Routes(blueprint, "People")


@routes.get("/agencies", Permission.PEOPLE_READ, query=PageQuery, answer=AgencyList)
def list_all_agencies(call: Call, query: PageQuery) -> AgencyList:
    """List the agencies that exist today."""
    found = list_agencies(call.session, office_date(call.clock.now()))
    shown, following = page_of(found, lambda agency: agency.code, query)
    return AgencyList(items=[listed_agency(one, call.language) for one in shown], next=following)


@routes.get("/people", Permission.PEOPLE_READ, query=PeopleQuery, answer=PersonList)
def list_people(call: Call, query: PeopleQuery) -> PersonList:
    """List people by user name; `q` searches user names and names."""
    page = people.list_people(
        call.session,
        clock=call.clock,
        search=query.q,
        agency_code=query.agency,
        cursor=query.cursor,
        limit=query.limit,
    )
    return PersonList(items=[person(one, call.language) for one in page.items], next=page.next)


@routes.get("/people/<number:person_id>", Permission.PEOPLE_READ, answer=OnePerson)
def get_person(call: Call, person_id: int) -> OnePerson:
    """Show one person with every appointment."""
    view = people.get_person(call.session, person_id, clock=call.clock)
    enrolled = find_standing(call.session, person_id) is not None
    return OnePerson(**person(view, call.language).model_dump(), second_factor=enrolled)


@routes.post(
    "/people", Permission.PEOPLE_MANAGE, body=NewPerson, answer=GrantWithPassword, status=201, own_transaction=True
)
def request_new_account(call: Call, body: NewPerson) -> GrantWithPassword:
    """Ask for a new account with a first post; another administrator has to approve.

    The password is told this once and kept nowhere, whatever `Idempotency-Key`; it opens the account after the
    approval, and has to be changed at first use. A name that was asked for is not taken twice.
    """
    password = make_password()
    account = NewAccount(
        username=body.username,
        agency_code=body.agency,
        kind=body.post,
        name_zh=body.name,
        name_en=body.name_en or body.name,
        password_hash=hash_password(password),
    )
    with writing() as session:
        grant = request_account(session, account, Term(body.from_on, body.to_on), actor=call.actor, clock=call.clock)
    return GrantWithPassword(request=grant_request(grant, call.language), password=password)


@routes.post(
    "/people/<number:person_id>/password-requests",
    Permission.PEOPLE_MANAGE,
    body=Nothing,
    answer=GrantWithPassword,
    status=201,
    own_transaction=True,
)
def request_new_password(call: Call, person_id: int, body: Nothing) -> GrantWithPassword:
    """Ask for a new password for somebody who has lost theirs; told this once, as with a new account."""
    password = make_password()
    hashed = hash_password(password)
    with writing() as session:
        grant = request_password(session, person_id, hashed, actor=call.actor, clock=call.clock)
    return GrantWithPassword(request=grant_request(grant, call.language), password=password)


@routes.post(
    "/people/<number:person_id>/restoration-requests",
    Permission.PEOPLE_MANAGE,
    body=Nothing,
    answer=GrantRequest,
    status=201,
)
def request_account_back(call: Call, person_id: int, body: Nothing) -> GrantRequest:
    """Ask for a closed account to work again."""
    grant = request_restoration(call.session, person_id, actor=call.actor, clock=call.clock)
    return grant_request(grant, call.language)


@routes.post("/people/<number:person_id>/close", Permission.PEOPLE_MANAGE, body=Nothing, status=204)
def close_one_account(call: Call, person_id: int, body: Nothing) -> None:
    """Close an account; every login and token of it is dead at once."""
    close_account(call.session, person_id, actor=call.actor, clock=call.clock)


@routes.post(
    "/people/<number:person_id>/second-factor/reset",
    Permission.PEOPLE_RESET_SECOND_FACTOR,
    body=Nothing,
    status=204,
)
def reset_ones_second_factor(call: Call, person_id: int, body: Nothing) -> None:
    """Take away the second factor of somebody who has lost it."""
    view = people.get_person(call.session, person_id, clock=call.clock)
    reset_second_factor(call.session, person_id, view.username, actor=call.actor, clock=call.clock)


@routes.get("/posts", Permission.PEOPLE_READ, query=PostQuery, answer=PostList)
def list_posts(call: Call, query: PostQuery) -> PostList:
    """List posts and who holds them today."""
    page = people.list_posts(
        call.session,
        clock=call.clock,
        agency_code=query.agency,
        kind=query.post,
        cursor=key_of(query.cursor),
        limit=query.limit,
    )
    return PostList(items=[post(one, call.language) for one in page.items], next=page.next)


@routes.get("/appointments", Permission.PEOPLE_READ, query=AppointmentQuery, answer=AppointmentList)
def list_appointments(call: Call, query: AppointmentQuery) -> AppointmentList:
    """List appointments, past ones included."""
    found = people.list_appointments(
        call.session,
        clock=call.clock,
        username=query.username,
        cursor=key_of(query.cursor),
        limit=query.limit + 1,
    )
    shown = found[: query.limit]
    following = str(shown[-1].id) if len(found) > query.limit else None
    return AppointmentList(items=[appointment(one, call.language) for one in shown], next=following)


@routes.post("/appointments", Permission.PEOPLE_MANAGE, body=NewAppointment, answer=GrantRequest, status=201)
def request_new_appointment(call: Call, body: NewAppointment) -> GrantRequest:
    """Ask for a further post for somebody; another administrator has to approve."""
    term = Term(body.from_on, body.to_on)
    grant = request_appointment(
        call.session, body.username, body.agency, body.post, term, actor=call.actor, clock=call.clock
    )
    return grant_request(grant, call.language)


@routes.post("/appointments/<number:appointment_id>/end", Permission.PEOPLE_MANAGE, body=Nothing, status=204)
def end_one_appointment(call: Call, appointment_id: int, body: Nothing) -> None:
    """End an appointment now; logins and tokens that rest on it are dead at once."""
    end_appointment(call.session, appointment_id, actor=call.actor, clock=call.clock)
