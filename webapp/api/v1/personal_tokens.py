"""The caller's personal tokens. Each is told once and kept nowhere, so `Idempotency-Key` does nothing here."""

from __future__ import annotations

from webapp.api.access import Open
from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.account import (
    MadePersonalToken,
    NewToken,
    PersonalTokens,
    made_token,
    personal_token,
)
from webapp.api.v1.content.base import PageQuery
from webapp.api.v1.me import own_login_of
from webapp.api.v1.paging import page_of
from webapp.identity.flask import account_rules
from webapp.identity.personal_tokens import list_tokens, make_token, revoke_token
from webapp.transaction import writing

routes = Routes(blueprint, "Tokens")


@routes.post("/me/tokens", Open.ACCOUNT, body=NewToken, answer=MadePersonalToken, status=201, own_transaction=True)
def create_personal_token(call: Call, body: NewToken) -> MadePersonalToken:
    """Make a named token with scopes and an end. It never does more than the caller's post may do.

    Its name is none of the caller's other live tokens': whoever did not hear the answer cannot make a second by asking
    again.
    """
    with writing() as session:
        made = make_token(
            session,
            own_login_of(call),
            name=body.name,
            scopes=body.scopes,
            expires_at=body.expires_at,
            lifetime=account_rules().personal_token_lifetime,
            clock=call.clock,
        )
    return made_token(made)


@routes.get("/me/tokens", Open.ACCOUNT, query=PageQuery, answer=PersonalTokens)
def list_personal_tokens(call: Call, query: PageQuery) -> PersonalTokens:
    """List the caller's live tokens, with when each was last used."""
    views = list_tokens(call.session, call.actor.person_id, clock=call.clock)
    shown, following = page_of(views, lambda view: str(view.id), query)
    return PersonalTokens(items=[personal_token(view) for view in shown], next=following)


@routes.delete("/me/tokens/<key:token_id>", Open.ACCOUNT, status=204)
def revoke_personal_token(call: Call, token_id: int) -> None:
    """End one of the caller's tokens at once."""
    revoke_token(call.session, token_id, actor=call.actor, clock=call.clock)
