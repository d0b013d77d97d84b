"""multipart/form-data -> fields and files (RFC 7578), as browsers write it, and nothing else."""

from __future__ import annotations

import re

import msgspec

from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.web.kit.decode import MAX_FIELDS, ParameterRepeated, TooManyFields
from latchstring.web.kit.message import Inbound

_BOUNDARY = re.compile(r";\s*boundary=(?:\"([^\"\r\n]{1,70})\"|([!-~]{1,70}?))\s*(?:;|$)")  # RFC 2046, 5.1.1
_DISPOSITION = re.compile(
    r"form-data\s*;\s*name=\"(?P<name>[^\"\r\n]*)\"(?:\s*;\s*filename=\"(?P<file>[^\"\r\n]*)\")?\s*", re.ASCII | re.I
)
_MAX_HEADERS = 2048  # bytes of one part's


class FormMalformed(InvalidRequest):
    """The form was not sent as multipart/form-data is written: {reason}."""

    code = "form_malformed"
    mender = Mender.USER
    fix = "Go back, load the page again, and send the form once more."
    reason: str


class File(msgspec.Struct, frozen=True):
    """A file as it was sent. Its name is what a stranger says, and its type is not looked at."""

    name: str
    content: bytes


class Form(msgspec.Struct, frozen=True):
    """What was sent. A field for a file without one is not in `files`."""

    fields: dict[str, str]
    files: dict[str, File]


def read(inbound: Inbound) -> Form:
    """Each name once. Raises `FormMalformed`, `ParameterRepeated`, `TooManyFields`."""
    boundary = _BOUNDARY.search(inbound.header(b"content-type") or "")
    if boundary is None:
        raise FormMalformed(reason="no boundary")
    mark = b"--" + (boundary[1] or boundary[2]).encode("latin-1")
    # The first boundary stands at the very start, each further one on a line of its own (RFC 2046, 5.1.1).
    preamble, *parts = (b"\r\n" + inbound.body).split(b"\r\n" + mark)
    if preamble or not parts or parts[-1] not in (b"--", b"--\r\n"):
        raise FormMalformed(reason="boundaries are missing")
    if len(parts) - 1 > MAX_FIELDS:
        raise TooManyFields
    form = Form(fields={}, files={})
    for part in parts[:-1]:
        _take(form, part)
    return form


def _take(form: Form, part: bytes) -> None:
    headers, blank, content = part.partition(b"\r\n\r\n")
    if not blank or not headers.startswith(b"\r\n") or len(headers) > _MAX_HEADERS:
        raise FormMalformed(reason="a part without headers")
    name, file = _disposition(headers.decode("utf-8", "replace"))
    if name in form.fields or name in form.files:
        raise ParameterRepeated(name=name[:100])
    if file is None:
        form.fields[name] = content.decode("utf-8", "replace")
    elif file or content:
        form.files[name] = File(file[:255], content)


def _disposition(headers: str) -> tuple[str, str | None]:
    """The name of a part and of its file. Browsers write a quote in them as %22, and line ends as %0D and %0A."""
    found: list[re.Match[str]] = []
    for line in headers.split("\r\n")[1:]:
        title, colon, value = line.partition(":")
        if not colon or title != title.strip() or not title:
            raise FormMalformed(reason="a header without a name")
        if title.lower() == "content-transfer-encoding":  # deprecated, and not sent by browsers (RFC 7578, 4.7)
            raise FormMalformed(reason="a content-transfer-encoding")
        if title.lower() == "content-disposition":
            named = _DISPOSITION.fullmatch(value.strip())
            if named is None:
                raise FormMalformed(reason="a part without a name")
            found.append(named)
    if len(found) != 1:
        raise FormMalformed(reason="a part without a name")
    return found[0]["name"].replace("%22", '"'), found[0]["file"]
