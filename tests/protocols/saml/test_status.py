"""The status of a Response: one Success or no sign-in, and what is said about the reason (SAML-25)."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from latchstring.protocols.saml import issue, names, refusals
from tests.protocols.saml.answers import ACS, IDP, NOW, REQUEST, answer, read, swap, verify

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = f'<samlp:StatusCode Value="{names.STATUS_SUCCESS}"/>'


def code(value: str, *inner: str) -> str:
    return f'<samlp:StatusCode Value="{value}">{"".join(inner)}</samlp:StatusCode>'


class No(NamedTuple):
    """What stands in the Status, and what becomes of it."""

    written: str
    kind: type[refusals.IdpError] | type[refusals.IdpRefused]
    status: tuple[str, ...]
    words: str = ""


REQUESTER, RESPONDER, DENIED = names.STATUS_REQUESTER, names.STATUS_RESPONDER, names.STATUS_REQUEST_DENIED
FAILED, UNKNOWN = names.STATUS_AUTHN_FAILED, f"{_STATUS}UnknownPrincipal"
STATUSES: dict[str, No] = {
    "requester": No(code(REQUESTER), refusals.IdpError, (REQUESTER,)),
    "responder": No(code(RESPONDER), refusals.IdpError, (RESPONDER,)),
    "version-mismatch": No(code(f"{_STATUS}VersionMismatch"), refusals.IdpError, (f"{_STATUS}VersionMismatch",)),
    "authn-failed": No(code(RESPONDER, code(FAILED)), refusals.IdpRefused, (RESPONDER, FAILED)),
    "authn-failed-at-the-top": No(code(FAILED), refusals.IdpRefused, (FAILED,)),
    "request-denied": No(code(RESPONDER, code(DENIED)), refusals.IdpRefused, (RESPONDER, DENIED)),
    "unknown-principal": No(code(REQUESTER, code(UNKNOWN)), refusals.IdpRefused, (REQUESTER, UNKNOWN)),
    "no-passive": No(
        code(RESPONDER, code(f"{_STATUS}NoPassive")), refusals.IdpError, (RESPONDER, f"{_STATUS}NoPassive")
    ),
    "success-inside-is-none": No(
        code(RESPONDER, code(names.STATUS_SUCCESS)), refusals.IdpError, (RESPONDER, names.STATUS_SUCCESS)
    ),
    "words": No(
        f"{code(RESPONDER)}<samlp:StatusMessage>AADSTS50105: &lt;b&gt;not<!-- x --> assigned</samlp:StatusMessage>",
        refusals.IdpError,
        (RESPONDER,),
        "AADSTS50105: <b>not assigned",
    ),
    "endless-words": No(
        f"{code(RESPONDER)}<samlp:StatusMessage>{'x' * 5000}</samlp:StatusMessage>",
        refusals.IdpError,
        (RESPONDER,),
        "x" * 1024,
    ),
    "endless-code": No(code("x" * 5000), refusals.IdpError, ("x" * 256,)),
    "without-value": No("<samlp:StatusCode/>", refusals.IdpError, ("",)),
    "almost-success": No(code(f"{names.STATUS_SUCCESS} "), refusals.IdpError, (f"{names.STATUS_SUCCESS} ",)),
    "success-in-lower-case": No(code(names.STATUS_SUCCESS.lower()), refusals.IdpError, (names.STATUS_SUCCESS.lower(),)),
}


@pytest.mark.parametrize("row", STATUSES)
@pytest.mark.parametrize("sign", ["none", "both"])
def test_saml_25_anything_but_success_ends_the_sign_in(row: str, sign: issue.Signed) -> None:
    no = STATUSES[row]
    with pytest.raises((refusals.IdpError, refusals.IdpRefused)) as caught:
        read(answer(sign=sign, in_response=swap(SUCCESS, no.written)))
    assert type(caught.value) is no.kind
    assert caught.value.facts == {"status": no.status, "status_message": no.words}


def test_saml_25_the_application_hears_access_denied_only_if_the_person_was_turned_away() -> None:
    assert refusals.IdpRefused.public == "access_denied"
    assert refusals.IdpError.public == "server_error"


@pytest.mark.parametrize("written", ["", "<samlp:StatusMessage>ok</samlp:StatusMessage>", SUCCESS * 2])
def test_saml_25_a_status_without_exactly_one_code_is_malformed(written: str) -> None:
    with pytest.raises(refusals.ResponseMalformed) as caught:
        read(answer(in_response=swap(SUCCESS, written)))
    assert caught.value.element == "Status"


def test_saml_25_a_success_without_an_assertion_names_nobody() -> None:
    document = issue.refuse(
        entity_id=IDP,
        acs_url=ACS,
        response_id="_r",
        in_response_to=REQUEST,
        now=NOW,
        status=names.STATUS_SUCCESS,
        detail=None,
    )
    with pytest.raises(refusals.NoAssertion):
        verify(document)
