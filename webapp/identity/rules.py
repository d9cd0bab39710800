"""What an installation asks of its accounts, from its settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from config import Config
from webapp.identity.passwords import PasswordRules
from webapp.identity.second_factor import SecretBox
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost
from workflows.permissions import PostKind


@dataclass(frozen=True)
class AccountRules:
    """What is asked of accounts.

    Args:
        passwords: of their passwords.
        second_factor_posts: whoever holds one of these signs in with a second factor.
        personal_token_lifetime: how long a personal token lives at most.
        box: what the secrets of second factors are locked with.
    """

    passwords: PasswordRules = field(default_factory=PasswordRules)
    second_factor_posts: frozenset[PostKind] = frozenset()
    personal_token_lifetime: timedelta = timedelta(days=90)
    box: SecretBox | None = field(default=None, repr=False)

    def asks_second_factor(self, posts: Iterable[HeldPost]) -> bool:
        """Tell whether the holder of these posts needs a second factor."""
        return any(post.kind in self.second_factor_posts for post in posts)

    def password_is_due(self, person: Person, now: datetime) -> bool:
        """Tell whether the person has to choose a new password before anything else."""
        if person.must_change_password:
            return True
        age = self.passwords.max_age
        return age is not None and now - (person.password_set_at or person.created_at) >= age


@cache
def rules_of(config: Config) -> AccountRules:
    """Return what the settings ask of accounts; made once for each set of settings."""
    return AccountRules(
        passwords=PasswordRules(
            minimum=config.password_minimum, history=config.password_history, max_age=config.password_max_age
        ),
        second_factor_posts=frozenset(PostKind(kind) for kind in config.second_factor_posts),
        personal_token_lifetime=config.personal_token_lifetime,
        box=SecretBox(config.secret_key),
    )
