"""The audit chain."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Outgoing
from workflows import audit
from workflows.permissions import Permission

routes = Routes(blueprint, "Audit")


class ChainReport(Outgoing):
    """What a verification found."""

    ok: bool
    entries: int
    first_bad: int | None


@routes.get("/audit/verify", Permission.AUDIT_READ, answer=ChainReport)
def verify_audit(call: Call) -> ChainReport:
    """Recompute every chain from its first entry."""
    report = audit.verify(call.session)
    return ChainReport(ok=report.ok, entries=report.entries, first_bad=report.first_bad)
