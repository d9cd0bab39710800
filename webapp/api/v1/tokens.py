"""Bearer tokens, and whom one stands for."""

from __future__ import annotations

from webapp.api.access import Open
from webapp.api.endpoint import Call, Routes
from webapp.api.refusals import SignInRefusedError
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.people import Credentials, Token
from webapp.identity.flask import account_rules, bearer_token, login_terms, origin
from webapp.identity.logins import revoke
from webapp.identity.models import LoginLimit, SessionKind
from webapp.identity.sign_in import SignedIn, check_password, open_login
from webapp.transaction import writing

routes = Routes(blueprint, "Tokens")


@routes.post("/tokens", Open.EVERYBODY, body=Credentials, answer=Token, status=201, own_transaction=True)
def create_token(call: Call, body: Credentials) -> Token:
    """Sign in and get a bearer token.

    Each call makes a new token: its secret is kept nowhere, so it cannot be told twice, whatever `Idempotency-Key`.
    """
    check = check_password(call.session, body.username, body.password, clock=call.clock)
    with writing() as session:
        result = open_login(
            session,
            check,
            clock=call.clock,
            kind=SessionKind.API,
            terms=login_terms(),
            rules=account_rules(),
            origin=origin(),
            code=body.code,
        )
    if not isinstance(result, SignedIn):
        raise SignInRefusedError(result)
    return Token(token=result.token, expires_at=result.expires_at)


@routes.delete("/tokens/current", Open.SIGNED_IN, status=204, while_waiting=tuple(LoginLimit))
def delete_current_token(call: Call) -> None:
    """Sign out: the token is dead at once."""
    token = bearer_token()
    if token is not None:
        revoke(call.session, token, clock=call.clock)
