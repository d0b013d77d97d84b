"""Forms with files, as browsers send them; anything else is refused."""

from __future__ import annotations

import pytest

from latchstring.model.refusal import Refusal
from latchstring.web.kit import multipart
from latchstring.web.kit.message import Inbound

TYPE = "multipart/form-data; boundary=----WebKitFormBoundaryabc"
PART = b'------WebKitFormBoundaryabc\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FILE = (
    b'------WebKitFormBoundaryabc\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
    b"Content-Type: application/xml\r\n\r\n%s\r\n"
)
END = b"------WebKitFormBoundaryabc--\r\n"


def read(body: bytes, content_type: str = TYPE) -> multipart.Form:
    return multipart.read(
        Inbound(method="POST", path="/", headers=((b"content-type", content_type.encode()),), body=body)
    )


def test_fields_and_files_are_read() -> None:
    body = PART % (b"csrf", "ä b\r\nc".encode()) + FILE % (b"document", b"idp.xml", b"<a>\r\n--x\x00\xff</a>") + END
    form = read(body)
    assert form.fields == {"csrf": "ä b\r\nc"}
    assert form.files == {"document": multipart.File("idp.xml", b"<a>\r\n--x\x00\xff</a>")}


def test_a_file_that_was_not_chosen_is_not_there() -> None:
    assert read(FILE % (b"document", b"", b"") + PART % (b"a", b"") + END) == multipart.Form({"a": ""}, {})


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/form-data; boundary="----WebKitFormBoundaryabc"',
        "multipart/form-data;boundary=----WebKitFormBoundaryabc; charset=utf-8",
    ],
)
def test_the_boundary_may_be_quoted_or_followed(content_type: str) -> None:
    assert read(PART % (b"a", b"1") + END, content_type).fields == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"", TYPE, "form_malformed"),
        (PART % (b"a", b"1"), TYPE, "form_malformed"),
        (PART % (b"a", b"1") + END + b"more", TYPE, "form_malformed"),
        (b"before\r\n" + PART % (b"a", b"1") + END, TYPE, "form_malformed"),
        (PART % (b"a", b"1") + END, "multipart/form-data", "form_malformed"),
        (PART % (b"a", b"1") + END, "multipart/form-data; boundary=other", "form_malformed"),
        (PART % (b"a", b"1") + END, f"multipart/form-data; boundary={'x' * 71}", "form_malformed"),
        ((PART % (b"a", b"1")).replace(b"form-data", b"attachment") + END, TYPE, "form_malformed"),
        ((PART % (b"a", b"1")).replace(b"Content-Disposition", b"Content-Type") + END, TYPE, "form_malformed"),
        (
            (PART % (b"a", b"1")).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + END,
            TYPE,
            "form_malformed",
        ),
        (
            (PART % (b"a", b"1")).replace(b"\r\n\r\n", b"\r\n" + b"x: " + b"y" * 2048 + b"\r\n\r\n") + END,
            TYPE,
            "form_malformed",
        ),
        ((PART % (b"a", b"1")).replace(b"\r\n\r\n", b"\r\n folded\r\n\r\n") + END, TYPE, "form_malformed"),
        (PART % (b'a"; name="b', b"1") + END, TYPE, "form_malformed"),
        (PART % (b"a", b"1") + PART % (b"a", b"2") + END, TYPE, "parameter_repeated"),
        (PART % (b"a", b"1") + FILE % (b"a", b"f", b"2") + END, TYPE, "parameter_repeated"),
        (b"".join(PART % (b"%d" % number, b"") for number in range(201)) + END, TYPE, "too_many_parameters"),
    ],
)
def test_anything_else_is_refused(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(body, content_type)
    assert refused.value.code == code
