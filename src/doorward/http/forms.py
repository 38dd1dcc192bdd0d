"""Forms with a photo. The photo stays in memory: a stranger's must not even reach a temporary file."""

from collections.abc import Collection
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from doorward.errors import RequestInvalid
from doorward.http.limits import MB
from doorward.http.problems import invalid

F = TypeVar("F", bound=BaseModel)

PHOTO = "photo"
DOCUMENT = "document"
"""Parts that hold a face, and the scan of a document."""

_MEDIA_TYPE = "multipart/form-data"
_LONGEST_FIELD = 1024


class _InMemory(MultiPartParser):
    spool_max_size = 64 * MB  # above every body that is read, so that nothing is spooled to disk


async def read_photo_form(
    request: Request, fields: type[F], part: str = PHOTO, more: Collection[str] = ()
) -> tuple[bytes, F]:
    """The bytes of ``part`` and the other fields, those named in ``more`` files too where they are given.

    ``RequestInvalid`` when they are not as asked for.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise RequestInvalid(f"Send the photo as {_MEDIA_TYPE}, in a part named {part}.")
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=1 + len(more),
        max_fields=len(fields.model_fields),
        max_part_size=_LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise RequestInvalid("The form cannot be read; send the photo and the fields asked for, each once.") from None
    try:
        given = form.multi_items()
        files = {name: await value.read() for name, value in given if isinstance(value, UploadFile)}
        misplaced = files.keys() - {part, *more} or {name for name, _ in given if name in more} - files.keys()
        if part not in files or misplaced or len({name for name, _ in given}) < len(given):
            raise RequestInvalid(f"The form needs a file in a part named {part}, and each field once at most.")
    finally:
        await form.close()
    octets = files.pop(part)
    try:
        return octets, fields.model_validate({**{name: value for name, value in given if name != part}, **files})
    except ValidationError as error:
        raise invalid(error.errors()) from None


def photo_form(fields: type[BaseModel], part: str = PHOTO) -> dict[str, Any]:
    """The form as OpenAPI describes it."""
    schema = fields.model_json_schema()
    schema["properties"] = {part: {"type": "string", "format": "binary"}, **schema.get("properties", {})}
    schema["required"] = [part, *schema.get("required", [])]
    return {"required": True, "content": {_MEDIA_TYPE: {"schema": schema}}}
