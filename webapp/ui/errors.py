"""What a reader sees when a page cannot be shown: what happened and what to do, in words, with its status."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webapp import wording
from webapp.adapters.storage import DamagedError, StoreAwayError
from webapp.identity.errors import SessionExpiredError
from webapp.translation import _
from webapp.ui.acting import SignInNeeded, to_sign_in
from workflows.errors import (
    ConcurrencyError,
    DefinitionError,
    InvalidInputError,
    LianbanError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
)

API_PREFIX = "/api/"

Handler = Callable[[Any], Any]


@dataclass(frozen=True)
class ErrorPage:
    """The words of an error page.

    Args:
        status: the HTTP status.
        title: what happened; the page's heading.
        advice: what to do next.
        reference: for a fault, the number under which it was logged.
    """

    status: int
    title: str
    advice: str
    reference: str | None = None


def status_of(error: LianbanError) -> int:
    """Return the HTTP status a domain error is answered with."""
    by_kind: tuple[tuple[type[LianbanError], int], ...] = (
        (NotFoundError, 404),
        (PermissionDeniedError, 403),
        (StateConflictError, 409),
        (ConcurrencyError, 409),
        (InvalidInputError, 422),
        (DefinitionError, 422),
    )
    return next((status for kind, status in by_kind if isinstance(error, kind)), 500)


def register(app: Flask) -> None:
    """Show error pages for everything outside the API, which words its own answers."""
    app.register_error_handler(SignInNeeded, lambda _error: to_sign_in())
    app.register_error_handler(SessionExpiredError, _beside_api(app, SessionExpiredError, lambda _error: to_sign_in()))
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(LianbanError, _beside_api(app, LianbanError, page_for_domain_error))
    app.register_error_handler(HTTPException, _beside_api(app, HTTPException, page_for_http_error))
    app.register_error_handler(StoreAwayError, _beside_api(app, StoreAwayError, page_for_store_away))
    app.register_error_handler(DamagedError, _beside_api(app, DamagedError, page_for_damaged_file))
    app.register_error_handler(Exception, _beside_api(app, Exception, page_for_fault))


def _beside_api(app: Flask, kind: type[Exception], page: Handler) -> Handler:
    """Return `page` for pages, and whatever was registered before for the API."""
    earlier: Handler | None = app.error_handler_spec[None][None].get(kind)

    def handle(error: Any) -> Any:
        if not request.path.startswith(API_PREFIX):
            return page(error)
        if earlier is None:
            raise error
        return earlier(error)

    return handle


def page_for_domain_error(error: LianbanError) -> tuple[str, int]:
    """Return the page and status for `error`."""
    status = status_of(error)
    if status == 500:
        return page_for_fault(error)
    return _render(ErrorPage(status, wording.error_sentence(error), wording.error_advice(error)))


def page_for_http_error(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
    """Return the page for an HTTP error raised by the framework; redirects pass."""
    if error.code is None or error.code < 400:
        return error
    return _render(_http_page(error.code))


def page_for_store_away(error: StoreAwayError) -> tuple[str, int]:
    """Return the page for files that cannot be stored or read for the moment."""
    current_app.logger.warning("store away path=%s error=%s", request.path, error)
    return _render(ErrorPage(503, _("文件暂时存取不了，内容没有变动"), _("请过几分钟再试；仍不行，请告诉系统管理员")))


def page_for_damaged_file(_error: DamagedError) -> tuple[str, int]:
    """Return the page for a file that is no longer what was uploaded; it was logged where it was found."""
    return _render(ErrorPage(500, _("文件已损坏，不能打开"), _("请告诉系统管理员从备份中恢复此文件")))


def page_for_fault(error: BaseException) -> tuple[str, int]:
    """Return the page for a fault of ours, with the number it is logged under."""
    reference = secrets.token_hex(4)
    current_app.logger.error("page failed reference=%s path=%s", reference, request.path, exc_info=error)
    return _render(
        ErrorPage(
            500, _("页面没有打开，填写的内容没有提交"), _("请稍后再试；仍不行，请把编号告诉系统管理员"), reference
        )
    )


def _form_expired(_error: CSRFError) -> tuple[str, int]:
    return _render(ErrorPage(400, _("页面打开太久，需要重新打开"), _("请返回上一页，刷新后再提交；内容没有提交")))


def _http_page(status: int) -> ErrorPage:
    pages = {
        403: ErrorPage(403, _("当前岗位不能打开此页"), _("请切换岗位，或从导航选择其他页面")),
        404: ErrorPage(404, _("未找到此页"), _("请核对地址，或从导航选择其他页面")),
        405: ErrorPage(405, _("此页不能这样打开"), _("请从任务或办件页面重新操作")),
        409: ErrorPage(409, _("内容已由他人更新"), _("请刷新，核对后再提交")),
        413: ErrorPage(413, _("文件太大，没有上传"), _("请压缩或分成几份后再上传")),
        422: ErrorPage(422, _("填写有误"), _("请返回上一页，核对后再提交")),
        429: ErrorPage(429, _("操作太频繁"), _("请过一会儿再试")),
    }
    return pages.get(status, ErrorPage(status, _("页面没有打开"), _("请返回上一页重试")))


def _render(page: ErrorPage) -> tuple[str, int]:
    return render_template("error.html", page=page), page.status
