"""What somebody has to do between the password and the first page: a code, a new password, a second factor."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.identity.flask import find_unfinished
from webapp.identity.models import LoginLimit

_ALWAYS = frozenset({"pages.access.sign_out", "pages.language", "pages.help", "pages.single_sign_on.signed_out"})
_PAGES = {
    LoginLimit.CODE: ("pages.access.second_step", "pages.access.finish"),
    LoginLimit.ENROL: (
        "pages.second_factor.index",
        "pages.second_factor.begin",
        "pages.second_factor.picture",
        "pages.second_factor.confirm",
    ),
    LoginLimit.PASSWORD: ("pages.account.password", "pages.account.change"),
}
"""What each is waited for → the page that does it, and where its form goes."""


def finish_sign_in() -> Response | None:
    """Lead somebody whose login waits for something to the page that does it, wherever they wanted to go."""
    login = find_unfinished()
    if login is None or login.limit is None:
        return None
    page, *rest = _PAGES[login.limit]
    if request.endpoint in {page, *rest} | _ALWAYS:
        return None
    return redirect(url_for(page))
