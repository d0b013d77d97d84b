"""Redirect URIs: nothing but a registered one is used, and what may be registered leaves no room for tricks."""

from __future__ import annotations

from itertools import product

import pytest

from latchstring.model.environment import RedirectUri, RedirectUriRules
from latchstring.model.refusal import InvalidFields
from latchstring.protocols.redirect_uri import (
    RedirectUriMatchesLoosely,
    RedirectUriNeedsLooseRules,
    RedirectUriUnregistered,
    admit,
    check,
    check_one_place,
    default,
)
from tests.house_for_tests import START

STAGING, LOOSE, PRODUCTION = RedirectUriRules.STAGING, RedirectUriRules.LOOSE, RedirectUriRules.PRODUCTION
HOME = "https://app.example.com/callback"


def registered(*uris: str) -> list[RedirectUri]:
    """The first one is the default."""
    return [
        RedirectUri(id=f"redir_{number}", uri=uri, default=number == 0, created_at=START, updated_at=START)
        for number, uri in enumerate(uris)
    ]


def admits(uri: str, *uris: str, rules: RedirectUriRules = STAGING) -> bool:
    try:
        return admit(uri, registered(*uris), rules) == uri
    except RedirectUriUnregistered as refusal:
        assert refusal.received == uri
        return False


TRICKS = {
    "nothing": "",
    "upper-case scheme": "HTTPS://app.example.com/callback",
    "upper-case host": "https://APP.example.com/callback",
    "upper-case path": "https://app.example.com/Callback",
    "trailing slash": HOME + "/",
    "path cut off": "https://app.example.com/",
    "path with more": HOME + "/evil",
    "path with more behind a dot": HOME + ".evil",
    "double slash": "https://app.example.com//callback",
    "dot segment": "https://app.example.com/./callback",
    "two dots": "https://app.example.com/x/../callback",
    "two dots behind": HOME + "/..",
    "encoded dots": "https://app.example.com/x/%2e%2e/callback",
    "encoded letter": "https://app.example.com/%63allback",
    "encoded slash": "https://app.example.com%2Fcallback",
    "parameter": HOME + "?next=https://evil.example",
    "empty query": HOME + "?",
    "fragment": HOME + "#evil",
    "empty fragment": HOME + "#",
    "path parameter": HOME + ";evil",
    "user": "https://app.example.com@evil.example/callback",
    "user and password": "https://app.example.com:443@evil.example/callback",
    "user of the right host": "https://evil@app.example.com/callback",
    "port": "https://app.example.com:8443/callback",
    "the scheme's own port": "https://app.example.com:443/callback",
    "empty port": "https://app.example.com:/callback",
    "http": "http://app.example.com/callback",
    "no scheme": "//app.example.com/callback",
    "backslashes": "https:\\\\app.example.com\\callback",
    "backslash for a slash": "https://app.example.com\\callback",
    "backslash before a user": "https://evil.example\\@app.example.com/callback",
    "one slash": "https:/app.example.com/callback",
    "three slashes": "https:///app.example.com/callback",
    "dot at the end of the host": "https://app.example.com./callback",
    "longer host": "https://app.example.com.evil.example/callback",
    "host with more in front": "https://evilapp.example.com/callback",
    "subdomain": "https://evil.app.example.com/callback",
    "Cyrillic a": "https://\u0430pp.example.com/callback",
    "full-width dot": "https://app\uff0eexample.com/callback",
    "long s": "https://app.example.com/callback\u017f",
    "space in front": " " + HOME,
    "space behind": HOME + " ",
    "encoded space": HOME + "%20",
    "tab": "https://app.exa\tmple.com/callback",
    "line break": HOME + "\r\nLocation: https://evil.example",
    "NUL": HOME + "\x00.evil.example",
    "encoded NUL": HOME + "%00",
    "soft hyphen": "https://app.exam\u00adple.com/callback",
    "script": "javascript:alert(1)//https://app.example.com/callback",
    "data": "data:text/html,https://app.example.com/callback",
    "as a list": HOME + "," + HOME,
    "twice": HOME + HOME,
    "the asterisk of a wildcard itself": "https://*.example.com/callback",
}


@pytest.mark.parametrize("uri", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("rules", RedirectUriRules)
def test_oauth_01_a_uri_that_is_not_the_registered_one_to_the_character_is_refused(
    uri: str, rules: RedirectUriRules
) -> None:
    assert not admits(uri, HOME, "https://other.example.com/", rules=rules)
    assert admits(HOME, "https://other.example.com/", HOME, rules=rules)


def test_oauth_01_any_one_character_more_less_or_other_is_another_uri() -> None:
    for place in range(len(HOME) + 1):
        assert not admits(HOME[:place] + "x" + HOME[place:], HOME)
    for place in range(len(HOME)):
        assert not admits(HOME[:place] + HOME[place + 1 :], HOME)
        assert not admits(HOME[:place] + chr(ord(HOME[place]) ^ 1) + HOME[place + 1 :], HOME)


def test_oauth_01_the_default_is_used_only_where_none_is_sent() -> None:
    both = registered(HOME, "https://other.example.com/")
    assert admit(None, both, PRODUCTION) == HOME
    assert admit("https://other.example.com/", both, PRODUCTION) == "https://other.example.com/"
    for uri, entries in (("", both), (None, []), (None, both[1:])):
        with pytest.raises(RedirectUriUnregistered):
            admit(uri, entries, PRODUCTION)


WILDCARD = "https://*.example.com/callback"
PART = "https://pr-*.example.com/callback"
THROUGH_WILDCARDS = {
    "no label": ("https://.example.com/callback", WILDCARD),
    "the parent": ("https://example.com/callback", WILDCARD),
    "two whole labels": ("https://a.b.example.com/callback", WILDCARD),
    "a slash for a label": ("https://evil.example/.example.com/callback", WILDCARD),
    "a user for a label": ("https://evil@.example.com/callback", WILDCARD),
    "the asterisk": ("https://*.example.com/callback", WILDCARD),
    "nothing for the asterisk": ("https://pr-.example.com/callback", PART),
    "two labels": ("https://pr-1.evil.example.com/callback", PART),
    "a slash": ("https://pr-evil.example/.example.com/callback", PART),
    "a query": ("https://pr-evil?.example.com/callback", PART),
    "a fragment": ("https://pr-evil#.example.com/callback", PART),
    "a user": ("https://pr-evil@.example.com/callback", PART),
    "a port": ("https://pr-evil:1.example.com/callback", PART),
    "an encoded slash": ("https://pr-evil%2f.example.com/callback", PART),
    "a backslash": ("https://pr-evil\\.example.com/callback", PART),
    "a letter of another script": ("https://pr-\u0430.example.com/callback", PART),
    "a digit of another script": ("https://pr-\u0661.example.com/callback", PART),
    "a line break": ("https://pr-1\n.example.com/callback", PART),
    "a line break behind": ("https://pr-1.example.com/callback\n", PART),
    "any character for a dot": ("https://pr-1xexample.com/callback", PART),
    "another path": ("https://pr-1.example.com/callback/evil", PART),
    "no port": ("http://localhost:/callback", "http://localhost:*/callback"),
    "a port of letters": ("http://localhost:evil/callback", "http://localhost:*/callback"),
    "a port that is a user": ("http://localhost:1@evil.example/callback", "http://localhost:*/callback"),
    "a port of six digits": ("http://localhost:123456/callback", "http://localhost:*/callback"),
    "a port in other digits": ("http://localhost:\u0661\u0662/callback", "http://localhost:*/callback"),
}


@pytest.mark.parametrize(("uri", "entry"), THROUGH_WILDCARDS.values(), ids=THROUGH_WILDCARDS.keys())
def test_oauth_02_nothing_but_one_label_or_port_goes_through_a_wildcard(uri: str, entry: str) -> None:
    check(entry, LOOSE)
    assert not admits(uri, entry, rules=LOOSE)
    assert not admits(uri, entry)


def test_oauth_02_a_wildcard_counts_in_staging_alone_even_if_it_is_there() -> None:
    for uri, entry in (
        ("https://pr-1.example.com/callback", WILDCARD),
        ("http://localhost:9/a", "http://localhost:*/a"),
    ):
        assert admits(uri, HOME, entry, rules=STAGING)
        assert not admits(uri, HOME, entry, rules=PRODUCTION)


REFUSED_ANYWHERE = {
    "redirect_uri_query": [HOME + "?", HOME + "?a=b"],
    "redirect_uri_fragment": [HOME + "#", HOME + "#a"],
    "redirect_uri_userinfo": [
        "https://user@app.example.com/",
        "https://u:p@app.example.com/",
        "https://@a.example.com/",
    ],
    "redirect_uri_dots": [
        "https://app.example.com/../a",
        "https://app.example.com/%2e%2E/a",
        "https://a.example.com/.",
    ],
    "redirect_uri_scheme": [
        f"{scheme}://app.example.com/" for scheme in "javascript data vbscript blob file about ws wss".split()
    ],
    "redirect_uri_malformed": ["/callback", "//app.example.com/", "HTTPS://app.example.com/", "https:app.example.com"],
    "redirect_uri_characters": [
        "https://app.example.com/a b",
        "https://app.example.com/\x00",
        "https://app.example.com/\n",
        "https://app.example.com\\@evil.example/",
        "https://b\u00fccher.example/",
        "",
    ],
    "redirect_uri_host": [
        "https://app.example.com./",
        "https://app..example.com/",
        "https://*.com./",
        "https://*..com/",
        "https://*.github.io./",
        "https://APP.example.com/",
        "https://-a.example.com/",
        "https://a%2eb.example.com/",
        "https://[::1]80/",
        "https://[::1]a]/",
        "https://[2001:db8::1]app.example.com/",
    ],
    "redirect_uri_too_long": ["https://app.example.com/" + "a" * 2048],
    "redirect_uri_wildcard": [
        "https://*/callback",
        "https://*.com/callback",
        "https://*.co.uk/callback",
        "https://*.ngrok-free.app/callback",
        "https://*.github.io/",
        "https://*.localhost/",
        "https://*.0.0.1/",
        "https://*.0x1/",
        "https://app.*.example.com/",
        "https://*.*.example.com/",
        "https://**.example.com/",
        "https://app.example.com/*",
        "https://app.example.com:*/",
        "myapp*://callback",
        "myapp://*",
    ],
}


@pytest.mark.parametrize("rules", RedirectUriRules)
def test_oauth_02_a_star_right_behind_an_ipv6_literal_is_no_port(rules: RedirectUriRules) -> None:
    for uri in ("http://[::1]*/callback", "https://[::1]*/callback", "https://[2001:db8::1]*/"):
        with pytest.raises(InvalidFields):
            check(uri, rules)


@pytest.mark.parametrize(
    ("code", "uri", "rules"),
    [(code, uri, rules) for code, uris in REFUSED_ANYWHERE.items() for uri, rules in product(uris, RedirectUriRules)],
    ids=lambda value: value.value if isinstance(value, RedirectUriRules) else ascii(value)[:50],
)
def test_oauth_02_what_may_not_be_registered(code: str, uri: str, rules: RedirectUriRules) -> None:
    with pytest.raises(InvalidFields) as refused:
        check(uri, rules)
    found = refused.value.errors[0].code
    # Of one that is wrong in two ways, either may be named.
    assert (
        found == code
        or (rules is PRODUCTION and found.startswith("redirect_uri_"))
        or found == "redirect_uri_malformed"
    )


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example.com/callback",
        "http://localhost:3000/callback",
        "https://localhost/callback",
        "https://127.0.0.1/callback",
        "https://[::1]/callback",
        "http://localhost:*/callback",
        "https://*.example.com/callback",
        "https://pr-*-preview.example.com/callback",
    ],
)
def test_oauth_02_production_takes_https_to_the_world_without_wildcards(uri: str) -> None:
    check(uri, LOOSE)
    with pytest.raises(InvalidFields):
        check(uri, PRODUCTION)


@pytest.mark.parametrize(
    "uri", [HOME, "https://app.example.com:8443/", "https://xn--bcher-kva.example/", "myapp://callback"]
)
def test_oauth_02_what_production_takes(uri: str) -> None:
    for rules in RedirectUriRules:
        check(uri, rules)
        assert admits(uri, uri, rules=rules)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:3000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:8080/callback",
        "https://localhost/callback",
        "http://localhost:*/callback",
        "https://*.example.com/callback",
        "https://*.example.com:8443/callback",
    ],
)
def test_oauth_02_what_staging_takes_besides(uri: str) -> None:
    check(uri, STAGING)
    check(uri, LOOSE)


# What only loose rules take: the entry, the fault that strict rules find in it, and a URI that it stands for.
LOOSELY = [
    ("http://app.example.com/callback", "redirect_uri_insecure", "http://app.example.com/callback"),
    ("http://10.1.2.3/callback", "redirect_uri_insecure", "http://10.1.2.3/callback"),
    ("http://*.example.com/callback", "redirect_uri_insecure", "http://pr-1.example.com/callback"),
    ("https://pr-*.example.com/callback", "redirect_uri_wildcard", "https://pr-1.example.com/callback"),
    ("https://*-pr.example.com/callback", "redirect_uri_wildcard", "https://1-pr.example.com/callback"),
    ("https://a-*-z.example.com/callback", "redirect_uri_wildcard", "https://a-1-z.example.com/callback"),
]


@pytest.mark.parametrize(("entry", "fault", "uri"), LOOSELY)
def test_oauth_02_a_refusal_of_what_loose_rules_admit_says_how_to_admit_it(entry: str, fault: str, uri: str) -> None:
    check(entry, LOOSE)
    with pytest.raises(RedirectUriNeedsLooseRules) as refused:
        check(entry, STAGING)
    assert [(error.field, error.code) for error in refused.value.errors] == [("uri", fault)]
    assert "--redirect-uri-rules loose" in refused.value.fix
    with pytest.raises(InvalidFields) as in_production:
        check(entry, PRODUCTION)
    assert type(in_production.value) is InvalidFields, "nothing loosens production"


@pytest.mark.parametrize(("entry", "fault", "uri"), LOOSELY)
def test_oauth_02_what_loose_rules_admitted_counts_no_more_without_them(entry: str, fault: str, uri: str) -> None:
    assert admits(uri, HOME, entry, rules=LOOSE)
    with pytest.raises(RedirectUriMatchesLoosely) as refused:
        admit(uri, registered(HOME, entry), STAGING)
    assert "--redirect-uri-rules loose" in refused.value.fix
    assert refused.value.registered == (entry, HOME)
    with pytest.raises(RedirectUriUnregistered) as in_production:
        admit(uri, registered(HOME, entry), PRODUCTION)
    assert type(in_production.value) is RedirectUriUnregistered
    with pytest.raises(RedirectUriUnregistered) as elsewhere:
        admit("https://evil.example/callback", registered(HOME, entry), STAGING)
    assert type(elsewhere.value) is RedirectUriUnregistered


def test_oauth_02_a_default_of_looser_times_is_no_default() -> None:
    of_old = registered("http://app.example.com/callback")
    assert default(of_old, LOOSE) == admit(None, of_old, LOOSE) == "http://app.example.com/callback"
    assert default(of_old, STAGING) is default(of_old, PRODUCTION) is None
    with pytest.raises(RedirectUriMatchesLoosely):
        admit(None, of_old, STAGING)
    assert default(registered(HOME), PRODUCTION) == HOME


def test_oauth_02_the_logout_uri_has_the_same_rules_and_no_wildcard() -> None:
    check_one_place("http://app.example.com/bye", LOOSE)
    with pytest.raises(RedirectUriNeedsLooseRules) as refused:
        check_one_place("http://app.example.com/bye", STAGING)
    assert refused.value.errors[0].field == "logout_uri"
    for rules in RedirectUriRules:
        for uri in ("https://*.example.com/bye", "https://pr-*.example.com/bye", HOME + "?a=b", HOME + "#a"):
            with pytest.raises(InvalidFields) as no_place:
                check_one_place(uri, rules)
            assert type(no_place.value) is InvalidFields, "no setting admits it"
