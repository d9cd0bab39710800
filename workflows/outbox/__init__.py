"""Nothing reaches the outside before the commit, and nothing is lost after it."""

from workflows.outbox.delivery import WROTE, Handler, drain, enqueue, wake
from workflows.outbox.models import Inbox, Outbox

__all__ = ["WROTE", "Handler", "Inbox", "Outbox", "drain", "enqueue", "wake"]
