"""Single sign-on: an OpenID Connect provider says who somebody is; what they may do is decided here.

Code flow with PKCE, state and nonce. Nobody gets an account by it: whoever the provider names must have one already.
"""

from __future__ import annotations

from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import SingleSignOn
from webapp.context import config
from webapp.identity.attempts import fold_username, username_key
from webapp.identity.limits import limit_of
from webapp.identity.logins import LoginTerms
from webapp.identity.models import SessionKind
from webapp.identity.rules import AccountRules
from webapp.identity.sign_in import USERNAME_LENGTH, Origin, SignedIn, begin, note_failure, usable_posts
from workflows.agencies.models import Person
from workflows.agencies.posts import posts_of
from workflows.clock import Clock, office_date

EXTENSION = "lianban.single_sign_on"
TIMEOUT_S = 10
SCOPE = "openid profile email"


class ProviderError(Exception):
    """The provider did not say who somebody is: it cannot be reached, refused, or its answer does not hold."""


def register(app: Flask, settings: SingleSignOn | None) -> None:
    """Make the provider known to the application; it is not asked for anything yet."""
    if settings is None:
        return
    oauth = OAuth(app)
    app.extensions[EXTENSION] = oauth.register(
        "provider",
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": TIMEOUT_S},
    )


def find_settings() -> SingleSignOn | None:
    """Return the settings of the provider, None where there is none."""
    return config().single_sign_on


def way_to_provider(client: Any, settings: SingleSignOn, back: str) -> Any:
    """Return the redirect to the provider; state, nonce and the proof of PKCE stay in the browser's session.

    Args:
        client: the provider as `register` left it.
        settings: of the provider.
        back: the address it sends the browser back to.

    Raises:
        ProviderError: it cannot be reached.
    """
    try:
        _require_issuer(client, settings)
        return client.authorize_redirect(back)
    except (AuthlibBaseError, RequestException, ValueError) as error:
        raise ProviderError(str(error)) from error


def named_by_provider(client: Any, settings: SingleSignOn) -> str:
    """Return the user name in what the provider sent the browser back with.

    The code is exchanged, the ID token's signature, issuer, audience, nonce and times are checked. A claim that is not
    in the ID token is asked for.

    Raises:
        ProviderError: any of that does not hold, or there is no such claim.
    """
    try:
        _require_issuer(client, settings)
        answer = client.authorize_access_token()
        claims = dict(answer.get("userinfo") or {})
        if claims and settings.username_claim not in claims:
            more = client.userinfo(token=answer)
            claims = {**more, **claims} if more.get("sub") == claims.get("sub") else claims
    except (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError) as error:
        raise ProviderError(str(error)) from error
    name = claims.get(settings.username_claim)
    if not isinstance(name, str) or not name:
        raise ProviderError(f"no claim {settings.username_claim}")
    return name


def way_out(client: Any, settings: SingleSignOn) -> str | None:
    """Return the address at which the provider ends its own login, None if it has none.

    Raises:
        ProviderError: it cannot be reached.
    """
    try:
        return cast("str | None", _require_issuer(client, settings).get("end_session_endpoint"))
    except (AuthlibBaseError, RequestException, ValueError) as error:
        raise ProviderError(str(error)) from error


def open_provider_login(
    session: Session,
    username: str,
    *,
    clock: Clock,
    rules: AccountRules,
    terms: LoginTerms,
    origin: Origin,
) -> SignedIn | None:
    """Begin the login of the active person of that name; None if there is none, or none with a post.

    The second factor is asked for all the same; the password's age does not matter, as none was used.

    Args:
        session: a writing transaction, which the caller commits whatever the answer.
        username: as the provider says.
        clock: tells the time.
        rules: what is asked of accounts.
        terms: how long logins live.
        origin: shown in the list of logins.
    """
    now, folded = clock.now(), fold_username(username)
    person = None
    if len(folded) <= USERNAME_LENGTH and folded.isprintable():
        person = session.scalars(select(Person).where(Person.username == folded, Person.is_active)).one_or_none()
    posts = () if person is None else posts_of(session, person.id, office_date(now))
    usable = usable_posts(posts, SessionKind.WEB)
    if person is None or not usable:
        note_failure(session, username_key(username), 0, clock=clock, step="provider")
        return None
    limit = limit_of(session, person, usable, rules=rules, now=now, by_provider=True)
    return begin(
        session,
        person,
        posts,
        usable[0],
        clock=clock,
        kind=SessionKind.WEB,
        terms=terms,
        limit=limit,
        origin=origin,
        by_provider=True,
    )


def _require_issuer(client: Any, settings: SingleSignOn) -> dict[str, Any]:
    """Return what the provider says about itself; it must be the one that was asked."""
    metadata = cast("dict[str, Any]", client.load_server_metadata())
    if str(metadata.get("issuer", "")).rstrip("/") != settings.issuer:
        raise ValueError("the provider calls itself by another address")
    return metadata
