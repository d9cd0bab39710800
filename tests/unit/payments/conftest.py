"""A case in progress and the persons of a finance bureau."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.payments import Bureau, add_bureau
from tests.factories.rows import add_case
from workflows.cases.models import Case


@pytest.fixture
def bureau(session: Session) -> Bureau:
    return add_bureau(session)


@pytest.fixture
def case(session: Session, bureau: Bureau) -> Case:
    return add_case(session, bureau.maker)
