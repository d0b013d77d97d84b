"""Operators of the Dashboard, made and signed in the way people are: by their link, and by their form."""

from __future__ import annotations

from typing import Any

from latchstring.flows import operators
from latchstring.flows.operators import Newcomer
from latchstring.model.operator import Operator, Role
from tests.house_for_tests import BASE, Answer, Browser, Rig
from tests.web.html import Element, read

PASSWORD = "violet harbour tango nine"
HERE = {"sec_fetch_site": "same-origin", "origin": "null"}  # as Chromium sends a form of a page without referrer


def hire(rig: Rig, role: Role = Role.ADMIN, email: str | None = None) -> Operator:
    """An operator; the very first one is an administrator, whatever is asked for."""
    address = email or f"{role.value}@example.com"
    if not operators.every(rig.house):
        token = operators.front_link(rig.house).reveal().partition("link=")[2]
        made = operators.accept(rig.house, token, Newcomer(email="first@example.com", name="First", password=PASSWORD))
        if address == made.email:
            return made
    token = operators.invite(rig.house, email=address, role=role).url.reveal().partition("link=")[2]
    return operators.accept(rig.house, token, Newcomer(name=role.value.title(), password=PASSWORD))


def post(browser: Browser, path: str, form: dict[str, str], **headers: Any) -> Answer:
    return browser.post(path, form, **{**HERE, **headers})


def signed_in(rig: Rig, operator: Operator) -> Browser:
    browser = rig.browser()
    answer = post(browser, "/dashboard/sign-in", {"email": operator.email, "password": PASSWORD})
    assert (answer.status, answer.location) == (302, "/dashboard"), answer.text
    return browser


def page(answer: Answer) -> Element:
    assert answer.header("content-type") == "text/html; charset=utf-8"
    return read(answer.text)


def send_multipart(
    browser: Browser, answer: Answer, action: str, files: dict[str, tuple[str, bytes]], **changed: str
) -> Answer:
    """The same for a form with files: name -> file name and content."""
    fields = {**page(answer).one("form", action=action, enctype="multipart/form-data").sends(), **changed}
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
        if name not in files
    ]
    for name, (file, content) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: text/xml\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    headers = {**HERE, "content_type": "multipart/form-data; boundary=limit"}
    return browser.call("POST", action, body=body, headers=headers)


def send(browser: Browser, answer: Answer, action: str, /, **changed: str) -> Answer:
    """Fills in the form of this page that leads to `action`, and sends it."""
    form = page(answer).one("form", method="post", action=action)
    return post(browser, action.removeprefix(BASE), {**form.sends(), **changed})
