"""Routes of posts and agencies, to look things up."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from webapp.context import clock
from webapp.transaction import reading
from webapp.ui.acting import needs
from webapp.ui.people.asking import KINDS, asked, asked_key
from webapp.ui.people.models import PostsPage
from workflows.agencies.directory import list_agencies
from workflows.agencies.people import list_posts
from workflows.clock import office_date
from workflows.permissions import Permission, PostKind

blueprint = Blueprint("posts", __name__)

PART = 50


@blueprint.get("/posts")
@needs(Permission.PEOPLE_READ)
def index() -> str:
    """List posts and who holds them."""
    agency, kind = asked("agency"), asked("post")
    known = kind in {one.value for one in KINDS}
    found = list_posts(
        reading(),
        clock=clock(),
        agency_code=agency or None,
        kind=PostKind(kind) if known else None,
        cursor=asked_key("after"),
        limit=PART,
    )
    following = url_for(".index", agency=agency or None, post=kind or None, after=found.next) if found.next else None
    agencies = list_agencies(reading(), office_date(clock().now()))
    page = PostsPage(found.items, agency, kind if known else "", agencies, KINDS, following)
    return render_template("people/posts.html", page=page)


@blueprint.get("/agencies")
@needs(Permission.PEOPLE_READ)
def agencies() -> str:
    """List the agencies that exist today."""
    found = list_agencies(reading(), office_date(clock().now()))
    return render_template("people/agencies.html", agencies=found)
