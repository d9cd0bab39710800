"""The blueprint that all areas of version 1 share."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from webapp.api.problems import problem_response, reader_language

PREFIX = "/api/v1"

blueprint = APIBlueprint("api_v1", __name__, url_prefix=PREFIX)


def say(error: Exception) -> Response:
    """Answer with what went wrong in the current request."""
    return problem_response(error, reader_language(request))


# For what fails before a view is reached, such as finding out who calls.
blueprint.register_error_handler(Exception, say)
