"""Every error as a problem document (RFC 9457) with Doorward's stable code."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from doorward.errors import (
    DoorwardError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    RequestInvalid,
    TooFast,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"
DEFAULT_RETRY_SECONDS = 10

_REASONS = {
    "missing": "it is missing",
    "extra_forbidden": "it has a field that is not known",
    "json_invalid": "this is no JSON",
    "timezone_aware": "a time needs its offset from UTC, such as Z",
    "name_of_document": "name_checked_by goes with a document",
    "one_claim": "give exactly one of person, badge, document_number, credential and document",
}


class Problem(BaseModel):
    """``type``: ``urn:doorward:error:`` and the code; ``title``: the status in words; ``detail``: what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem(error: DoorwardError, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """``error`` as a response, with the headers that its status asks for."""
    phrase = HTTPStatus(error.status).phrase
    document = Problem(
        type=f"urn:doorward:error:{error.code}",
        title=phrase,
        status=error.status,
        detail=error.message,
        code=error.code,
    )
    return ProblemResponse(document.model_dump(), error.status, {**_headers(error), **(headers or {})})


def fault(error: BaseException) -> InternalError:
    """What is told of an error that is not Doorward's: its kind, and none of its words."""
    return InternalError(f"The server met a fault of its own ({type(error).__name__}); report it with the time.")


def install_problems(app: FastAPI) -> None:
    """Let ``app`` answer every error with a problem document."""
    app.add_exception_handler(DoorwardError, _of_doorward)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_fault)


def invalid(errors: Sequence[Mapping[str, Any]]) -> RequestInvalid:
    """What a validation found, by place; what was sent is not repeated."""
    first = errors[0]
    # The last part of an unknown field's place is what the client called it, and of broken JSON's a position.
    place = first["loc"][:-1] if first["type"] in ("extra_forbidden", "json_invalid") else first["loc"]
    more = f" ({len(errors) - 1} more.)" if len(errors) > 1 else ""
    return RequestInvalid(
        f"The request does not fit at {'.'.join(map(str, place)) or 'its form'}: {_reason(first)}.{more}"
    )


def _reason(error: Mapping[str, Any]) -> str:
    kind: str = error["type"]
    if kind in _REASONS:
        return _REASONS[kind]
    # The limits and choices that these name are ours; other messages may repeat what was sent.
    if kind in ("enum", "literal_error") or kind.startswith(("string_too_", "too_", "greater_than", "less_than")):
        told: str = error["msg"]
        return told[:1].lower() + told[1:]
    return "the value is not of the kind asked for"


def _headers(error: DoorwardError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="doorward"'}
    if isinstance(error, TooFast):
        return {"Retry-After": str(error.retry_after)}
    if error.status in (429, 503):
        return {"Retry-After": str(DEFAULT_RETRY_SECONDS)}
    return {}


def whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds))


async def _of_doorward(_request: Request, error: Exception) -> ProblemResponse:
    return problem(error if isinstance(error, DoorwardError) else fault(error))


async def _of_fault(_request: Request, error: Exception) -> ProblemResponse:
    return problem(fault(error))


async def _of_validation(_request: Request, error: Exception) -> ProblemResponse:
    return problem(invalid(error.errors()) if isinstance(error, RequestValidationError) else fault(error))


async def _of_http(_request: Request, error: Exception) -> ProblemResponse:
    if not isinstance(error, HTTPException):
        return problem(fault(error))
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return problem(NotFound("There is nothing at this address; the routes are in /v1/openapi.json."), headers)
    if error.status_code == 405:
        allowed = headers.get("Allow", "another")
        return problem(MethodNotAllowed(f"This address takes {allowed}; use that method."), headers)
    if error.status_code < 500:
        return problem(RequestInvalid("The request cannot be read; send what /v1/openapi.json describes."), headers)
    return problem(fault(error), headers)
