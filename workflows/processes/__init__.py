"""Process definitions: the library, versions, and the two-person way to publish one."""

from workflows.processes.catalogue import (
    ProcessSummary,
    PublishedProcess,
    VersionRef,
    form_schema,
    get_bpmn,
    get_process,
    get_published,
    list_processes,
    load_version,
)
from workflows.processes.materials import Checklist, MaterialItem
from workflows.processes.models import ProcessDefinition, ProcessVersion, VersionStatus
from workflows.processes.naming import offer_effects
from workflows.processes.publishing import (
    Draft,
    FindingsError,
    approve,
    check_draft,
    create_draft,
    load_library,
    request_publish,
)
from workflows.processes.sources import ProcessFiles

__all__ = [
    "Checklist",
    "Draft",
    "FindingsError",
    "MaterialItem",
    "ProcessDefinition",
    "ProcessFiles",
    "ProcessSummary",
    "ProcessVersion",
    "PublishedProcess",
    "VersionRef",
    "VersionStatus",
    "approve",
    "check_draft",
    "create_draft",
    "form_schema",
    "get_bpmn",
    "get_process",
    "get_published",
    "list_processes",
    "load_library",
    "load_version",
    "offer_effects",
    "request_publish",
]
