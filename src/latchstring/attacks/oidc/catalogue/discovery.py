"""What a provider says of itself, and where it would have us call: OIDC-14 and OIDC-15."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from latchstring.attacks.oidc import journeys
from latchstring.attacks.oidc.provider import WELL_KNOWN
from latchstring.attacks.oidc.row import Row
from latchstring.attacks.oidc.values import ABSENT, Answer, Behaviour, Facts

_ISSUER, _INVALID, _UNREACHABLE, _FIELDS = (
    "discovery_issuer_mismatch", "discovery_invalid", "idp_unreachable", "invalid_request_parameters"
)  # fmt: skip
_HUGE = 300_000  # bytes
_UNTOUCHED = {"/canary": 0}


def _said(name: str, tries: str, refused: str, **discovery: Any) -> Row:
    """While the connection is being set up."""
    return _setting_up(name, "OIDC-14", tries, refused, Behaviour(discovery=discovery))


def _answered(name: str, tries: str, refused: str, answer: Answer) -> Row:
    return _setting_up(name, "OIDC-14", tries, refused, Behaviour(answers={WELL_KNOWN: lambda _: answer}))


def _elsewhere(name: str, tries: str, host: str) -> Row:
    """Somebody who names an address inside our network as their provider's."""
    options = {"discovery_endpoint": _at(host, WELL_KNOWN)}
    return _setting_up(name, "OIDC-15", tries, _UNREACHABLE, Behaviour(), options=options)


def _by(name: str, tries: str, discovery_endpoint: str) -> Row:
    return _setting_up(name, "OIDC-15", tries, _FIELDS, Behaviour(), options={"discovery_endpoint": discovery_endpoint})


def _setting_up(
    name: str,
    requirement: str,
    tries: str,
    refused: str,
    behaviour: Behaviour,
    options: Mapping[str, Any] | None = None,
) -> Row:
    return Row(
        name=f"oidc-{name}",
        requirement=requirement,
        tries=tries,
        refused=refused,
        behaviour=behaviour,
        options=options or {},
        journey=journeys.set_up,
        at_most=_UNTOUCHED,
    )


def _calling(name: str, tries: str, endpoint: str, url: Any) -> Row:
    """At the sign-in, by an endpoint that the discovery document names."""
    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-15",
        tries=tries,
        refused=_UNREACHABLE,
        behaviour=Behaviour(discovery={endpoint: url}),
        at_most=_UNTOUCHED,
    )


def _redirected(name: str, tries: str, endpoint: str, to: Any, *, status: int = 302, drip: bool = False) -> Row:
    def answer(facts: Facts) -> Answer:
        headers = {} if drip else {"Location": to(facts) if callable(to) else to}
        return Answer(status=status, headers=headers, drip=drip)

    return Row(
        name=f"oidc-{name}",
        requirement="OIDC-15",
        tries=tries,
        refused=_UNREACHABLE,
        behaviour=Behaviour(answers={endpoint: answer}),
        at_most=_UNTOUCHED,
    )


def _canary(facts: Facts) -> str:
    return f"{facts.issuer}/canary"


def _canary_at(host: str) -> Any:
    """The canary by another name of this machine, which the product may not call."""

    def url(facts: Facts) -> str:
        parts = urlsplit(facts.issuer)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}/canary"

    return url


def _at(host: str, path: str) -> Any:
    """By the scheme that the product speaks: the address is to be refused, not the scheme."""
    return lambda facts: f"{urlsplit(facts.issuer).scheme}://{host}{path}"


METADATA = _at("169.254.169.254", "/latest/meta-data/iam")

ROWS = (
    _said("discovery-issuer-of-another", "the issuer of somebody else", _ISSUER, issuer="https://accounts.google.com"),
    _said("discovery-issuer-prefix", "the host without the tenant", _ISSUER,
          issuer=lambda it: it.issuer.rpartition("/")[0]),
    _said("discovery-issuer-longer", "the issuer and more", _ISSUER, issuer=lambda it: it.issuer + "/more"),
    _said("discovery-issuer-missing", "no issuer", _INVALID, issuer=ABSENT),
    _said("discovery-issuer-list", "a list of issuers", _INVALID, issuer=lambda it: [it.issuer]),
    _said("discovery-jwks-file", "keys out of our file system", _INVALID, jwks_uri="file:///etc/passwd"),
    _said("discovery-authorization-script", "a script for the browser", _INVALID,
          authorization_endpoint="javascript:alert(1)//"),
    _said("discovery-authorization-header", "a line break in an address", _INVALID,
          authorization_endpoint=lambda it: f"{it.issuer}/authorize\r\nSet-Cookie: a=b"),
    _said("discovery-token-userinfo", "a name and a password in an address", _INVALID,
          token_endpoint=lambda it: it.issuer.replace("//", "//admin:admin@", 1)),
    _said("discovery-token-missing", "no token endpoint", _INVALID, token_endpoint=ABSENT),
    _said("discovery-token-list", "a list of token endpoints", _INVALID, token_endpoint=["https://other.example"]),
    _said("discovery-wrong-types", "iss supported: 'no'", _INVALID,
          authorization_response_iss_parameter_supported="no"),
    _answered("discovery-html", "a page", _INVALID, Answer(body=b"<html>", content_type="text/html")),
    _answered("discovery-issuer-twice", "two issuers", _INVALID,
              Answer(body=b'{"issuer": "https://a.example", "issuer": "https://b.example"}')),
    _answered("discovery-huge", "300 kB", _UNREACHABLE, Answer(body=b" " * _HUGE)),
    _answered("discovery-500", "a server error", "idp_bad_answer", Answer(status=500)),
    _setting_up("discovery-redirect", "OIDC-14", "a redirect to the cloud's metadata", _UNREACHABLE,
                Behaviour(answers={WELL_KNOWN: lambda it: Answer(status=302, headers={"Location": METADATA(it)})})),
    _elsewhere("discovery-at-metadata-address", "the cloud's metadata service", "169.254.169.254"),
    _elsewhere("discovery-at-private-address", "a private network", "10.0.0.1"),
    _elsewhere("discovery-at-shared-address", "a carrier's network (RFC 6598)", "100.64.0.1"),
    _elsewhere("discovery-at-link-local", "an IPv6 link-local address", "[fe80::1]"),
    _elsewhere("discovery-at-mapped-address", "the same, mapped into IPv6", "[::ffff:169.254.169.254]"),
    _elsewhere("discovery-at-nat64-address", "the same, through NAT64", "[64:ff9b::a9fe:a9fe]"),
    _elsewhere("discovery-at-decimal-address", "the same, as one number", "2852039166"),
    _by("discovery-by-ftp", "another protocol", f"ftp://op.example{WELL_KNOWN}"),
    _by("discovery-by-file", "a file", f"file:///etc{WELL_KNOWN}"),
    _calling("token-endpoint-at-metadata-address", "the code posted to the cloud's metadata", "token_endpoint",
             METADATA),
    _calling("token-endpoint-at-unspecified-address", "0.0.0.0, which is this machine", "token_endpoint",
             _canary_at("0.0.0.0")),  # noqa: S104 - nobody binds to it
    _calling("jwks-at-metadata-address", "keys from the cloud's metadata", "jwks_uri", METADATA),
    _calling("jwks-at-mapped-loopback", "this machine, mapped into IPv6", "jwks_uri", _canary_at("[::ffff:127.0.0.1]")),
    _calling("userinfo-at-metadata-address", "the access token sent to the cloud's metadata", "userinfo_endpoint",
             METADATA),
    _redirected("token-endpoint-redirects", "302 from the token endpoint", "/token", _canary),
    _redirected("token-endpoint-redirects-307", "307, which would repeat the POST", "/token", _canary, status=307),
    _redirected("jwks-redirects", "302 to the cloud's metadata", "/jwks", METADATA),
    _redirected("userinfo-redirects", "302 with the access token", "/userinfo", _canary),
    _redirected("token-endpoint-drips", "a byte now and then, without end", "/token", None, status=200, drip=True),
)  # fmt: skip
