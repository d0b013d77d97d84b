"""How a refusal looks at each door: a page in the browser, or the application's redirect URI."""

from __future__ import annotations

from tests.house_for_tests import BASE, CALLBACK, Answer, Rig, call


def is_page(answer: Answer, code: str) -> None:
    assert answer.status in (400, 404, 413, 503), (answer.status, answer.headers, answer.text)
    assert answer.header("location") is None
    assert (answer.header("content-type") or "").startswith("text/html")
    assert "frame-ancestors 'none'" in (answer.header("content-security-policy") or "")
    assert f"{BASE}/errors/{code}" in answer.text
    assert "This can be mended by" in answer.text
    assert "Traceback" not in answer.text


def is_redirect(rig: Rig, answer: Answer, error: str, code: str) -> None:
    assert answer.status == 302, (answer.status, answer.text)
    assert answer.location.startswith(CALLBACK + "?")
    returned = answer.returned
    assert (returned["error"], returned["error_uri"]) == (error, f"{BASE}/errors/{code}")
    assert 0 < len(returned["error_description"]) <= 256
    assert "code" not in returned
    explained = call(rig.endpoint, "GET", returned["error_uri"].removeprefix(BASE))
    assert explained.status == 200 and "This can be mended by" in explained.text
