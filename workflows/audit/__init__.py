"""The trace: every change of state, in the transaction that made it, in a chain that shows any later change."""

from workflows.audit.chain import SYSTEM_CHAIN, ChainReport, append, verify
from workflows.audit.models import APPEND_ONLY_DDL, HEADS_DDL, AuditChain, AuditEntry

__all__ = [
    "APPEND_ONLY_DDL",
    "HEADS_DDL",
    "SYSTEM_CHAIN",
    "AuditChain",
    "AuditEntry",
    "ChainReport",
    "append",
    "verify",
]
