"""Routes of people: finding them, asking for accounts and posts, taking them away."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.identity.passwords import hash_password, make_password
from webapp.identity.second_factor import find_standing, reset_second_factor
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.people.asking import KINDS, asked, entered, kind_of_post, term, typed
from webapp.ui.people.models import Entered, NewPersonPage, PeoplePage, PersonPage
from workflows.agencies import people
from workflows.agencies.accounts import NewAccount
from workflows.agencies.directory import AgencyRef, list_agencies
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.grants import count_requested, pending_about
from workflows.agencies.request_grant import (
    request_account,
    request_appointment,
    request_password,
    request_restoration,
)
from workflows.cases.collaboration.holdings import count_holdings
from workflows.clock import office_date
from workflows.errors import InvalidInputError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("people", __name__, url_prefix="/people")

_ACCOUNT = ("username", "name_zh", "name_en", "agency", "post", "from_on", "to_on")
_APPOINTMENT = ("agency", "post", "from_on", "to_on")
PART = 50


@blueprint.get("")
@needs(Permission.PEOPLE_READ)
def index() -> tuple[str, int]:
    """List people, by user name."""
    search, agency = request.args.get("q", ""), asked("agency")
    found, form, status = people.PeoplePage((), None), Entered(), 200
    try:
        found = people.list_people(
            reading(),
            clock=clock(),
            search=search,
            agency_code=agency or None,
            cursor=asked("after") or None,
            limit=PART,
        )
    except InvalidInputError as error:
        form, status = entered((), error.errors), 422
    following = url_for(".index", q=search or None, agency=agency or None, after=found.next) if found.next else None
    page = PeoplePage(
        people=found.items,
        search=search[:200],
        agency=agency,
        agencies=_agencies(),
        next_address=following,
        waiting=count_requested(reading()),
        problems=form.problems,
    )
    return render_template("people/index.html", page=page), status


@blueprint.get("/new")
@needs(Permission.PEOPLE_MANAGE)
def new() -> str:
    """Ask for what a new account needs."""
    return render_template("people/new.html", page=NewPersonPage(_agencies(), KINDS, Entered()))


@blueprint.post("/new")
@needs(Permission.PEOPLE_MANAGE)
def ask_account() -> tuple[str, int] | str:
    """Ask for a new account; its password is shown this once."""
    password = make_password()
    try:
        account = NewAccount(
            username=typed("username"),
            agency_code=typed("agency"),
            kind=kind_of_post(),
            name_zh=typed("name_zh"),
            name_en=typed("name_en") or typed("name_zh"),
            password_hash=hash_password(password),
        )
        with writing() as session:
            grant = request_account(session, account, term(), actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        page = NewPersonPage(_agencies(), KINDS, entered(_ACCOUNT, error.errors))
        return render_template("people/new.html", page=page), 422
    return render_template("people/password.html", grant=grant, password=password)


@blueprint.get("/<number:person_id>")
@needs(Permission.PEOPLE_READ)
def show(person_id: int) -> str:
    """Show one person with every appointment."""
    return _person_page(person_id, Entered())


@blueprint.post("/<number:person_id>/appointments")
@needs(Permission.PEOPLE_MANAGE)
def ask_appointment(person_id: int) -> tuple[str, int] | Response:
    """Ask for a further post for somebody."""
    person = people.get_person(reading(), person_id, clock=clock())
    try:
        with writing() as session:
            request_appointment(
                session, person.username, typed("agency"), kind_of_post(), term(), actor=get_actor(), clock=clock()
            )
    except InvalidInputError as error:
        return _person_page(person_id, entered(_APPOINTMENT, error.errors)), 422
    flash(_("任职申请已提交，待安全管理员批准后生效"), "done")
    return redirect(url_for(".show", person_id=person_id))


@blueprint.post("/<number:person_id>/appointments/<number:appointment_id>/end")
@needs(Permission.PEOPLE_MANAGE)
def end(person_id: int, appointment_id: int) -> Response:
    """End an appointment now."""
    try:
        with writing() as session:
            end_appointment(session, appointment_id, actor=get_actor(), clock=clock())
        flash(_("任职已结束，相关登录和令牌即时失效"), "done")
    except StateConflictError:
        flash(_("没有结束：任职已经结束，或此人是最后一名该类管理员"), "error")
    return redirect(url_for(".show", person_id=person_id))


@blueprint.post("/<number:person_id>/password")
@needs(Permission.PEOPLE_MANAGE)
def ask_password(person_id: int) -> str | Response:
    """Ask for a new password for somebody; it is shown this once."""
    password = make_password()
    hashed = hash_password(password)
    try:
        with writing() as session:
            grant = request_password(session, person_id, hashed, actor=get_actor(), clock=clock())
    except StateConflictError:
        flash(_("没有提交：账号已停用，或已有相同的申请待批准"), "error")
        return redirect(url_for(".show", person_id=person_id))
    return render_template("people/password.html", grant=grant, password=password)


@blueprint.post("/<number:person_id>/close")
@needs(Permission.PEOPLE_MANAGE)
def close(person_id: int) -> Response:
    """Close an account."""
    try:
        with writing() as session:
            close_account(session, person_id, actor=get_actor(), clock=clock())
        flash(_("账号已停用，登录和令牌即时失效"), "done")
    except StateConflictError:
        flash(_("没有停用：账号已经停用，或此人是最后一名该类管理员"), "error")
    return redirect(url_for(".show", person_id=person_id))


@blueprint.post("/<number:person_id>/restore")
@needs(Permission.PEOPLE_MANAGE)
def ask_restoration(person_id: int) -> Response:
    """Ask for a closed account to work again."""
    try:
        with writing() as session:
            request_restoration(session, person_id, actor=get_actor(), clock=clock())
        flash(_("恢复申请已提交，待安全管理员批准后生效"), "done")
    except StateConflictError:
        flash(_("没有提交：账号在用，或已有相同的申请待批准"), "error")
    return redirect(url_for(".show", person_id=person_id))


@blueprint.post("/<number:person_id>/second-factor/reset")
@needs(Permission.PEOPLE_RESET_SECOND_FACTOR)
def reset_factor(person_id: int) -> Response:
    """Take away the second factor of somebody who has lost it."""
    person = people.get_person(reading(), person_id, clock=clock())
    with writing() as session:
        reset_second_factor(session, person_id, person.username, actor=get_actor(), clock=clock())
    flash(_("已重置二次验证，本人下次登录后重新开通"), "done")
    return redirect(url_for(".show", person_id=person_id))


def _agencies() -> tuple[AgencyRef, ...]:
    return list_agencies(reading(), office_date(clock().now()))


def _person_page(person_id: int, form: Entered) -> str:
    session, actor = reading(), get_actor()
    person = people.get_person(session, person_id, clock=clock())
    held = None
    if actor.may(Permission.WORK_HAND_OVER):
        held = count_holdings(session, person.username, actor=actor, clock=clock())
    page = PersonPage(
        person=person,
        pending=pending_about(session, person_id),
        second_factor=find_standing(session, person_id) is not None,
        own=actor.person_id == person_id,
        agencies=_agencies(),
        kinds=KINDS,
        form=form,
        held=held,
    )
    return render_template("people/detail.html", page=page)
