"""Adapter of the BPMN engine: states in, steps out; nothing above knows SpiffWorkflow."""

from __future__ import annotations

from workflows.engine.again import ask_again
from workflows.engine.findings import DiagramRefusedError, Finding
from workflows.engine.lint import check
from workflows.engine.model import ProcessModel, read_model
from workflows.engine.moves import active, cancel, complete, deliver_message, fire_timer, start
from workflows.engine.returns import return_targets, return_to
from workflows.engine.signers import add_signer, remove_signer
from workflows.engine.store import Spec, SpecStore, compile_spec, hash_sources, restore
from workflows.engine.types import (
    CompiledSpec,
    JsonValue,
    Members,
    Scope,
    ScopeEnd,
    ScopeItem,
    Sources,
    Step,
    TimerRequest,
    Token,
    TokenKind,
    Visit,
    Workdays,
)

__all__ = [
    "CompiledSpec",
    "DiagramRefusedError",
    "Finding",
    "JsonValue",
    "Members",
    "ProcessModel",
    "Scope",
    "ScopeEnd",
    "ScopeItem",
    "Sources",
    "Spec",
    "SpecStore",
    "Step",
    "TimerRequest",
    "Token",
    "TokenKind",
    "Visit",
    "Workdays",
    "active",
    "add_signer",
    "ask_again",
    "cancel",
    "check",
    "compile_spec",
    "complete",
    "deliver_message",
    "fire_timer",
    "hash_sources",
    "read_model",
    "remove_signer",
    "restore",
    "return_targets",
    "return_to",
    "start",
]
