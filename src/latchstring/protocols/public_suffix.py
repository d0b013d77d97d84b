"""Under which names registries sell to anybody (`co.uk`): the public suffix list, without its private section."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


def is_registry(name: str) -> bool:
    """`name` in lower-case punycode. A company that rents names out under its own may be a customer all the same."""
    return _list().publicsuffix(name) == name


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)  # read on first use
