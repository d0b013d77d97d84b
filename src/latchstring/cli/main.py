"""Reads the command line, runs the command, and turns a refusal into words and an exit code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from latchstring import __version__
from latchstring.cli.output import say
from latchstring.model.refusal import InvalidFields, Refusal

_DESCRIPTION = """\
examples:
  latchstring dev --open                          try it: everything set up, nothing to configure
  latchstring organization create --name Acme --domain acme.example
  latchstring connection create --organization org_01... --type OktaSAML \\
      --metadata-url https://acme.okta.com/app/abc/sso/saml/metadata
  latchstring connection list --json | jq '.data[].state'
  latchstring explain response.xml --idp-metadata idp.xml --sp-entity-id ... --acs-url ...
  latchstring logs --follow --failed              what fails, as it happens
  latchstring attack                              known attacks, fired at your own server
  latchstring serve --migrate                     production; settings come from LATCHSTRING_... variables

Single sign-on for any application, through one integration. The official WorkOS SDKs work against it unchanged.
"""
_EPILOG = """\
Management commands work on the database of `latchstring dev` in ./.latchstring, or on LATCHSTRING_DATABASE_URL if that
is set. Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 refused, 2 wrong usage.
Documentation: docs/getting-started.md, docs/configuration.md, docs/api.md
"""


# Each command and its file on this floor. Only the one that was asked for is imported: a server starts without what
# `attack` and the management commands need, in three quarters of the time.
COMMANDS = {
    "dev": "dev",
    "serve": "serve",
    "worker": "worker",
    "migrate": "migrate",
    "logs": "logs",
    "explain": "explain",
    "attack": "attack",
    "environment": "environments",
    "key": "keys",
    "redirect-uri": "redirect_uris",
    "organization": "organizations",
    "domain": "domains",
    "connection": "connections",
    "certificate": "certificates",
    "custom-attribute": "custom_attributes",
    "attributes": "attributes",
    "provider": "providers",
    "portal": "portal",
    "operator": "operators",
    "audit": "audit",
}


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps our lines as they are, and gives long options room."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=110)
        self._action_max_length = 18  # the list of commands is indented once more than argparse reckons with


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """`only`: with this one command, for a line that begins with it."""
    top = argparse.ArgumentParser(
        prog="latchstring",
        usage="latchstring COMMAND ...",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=_Formatter,
    )
    top.add_argument("--version", action="version", version=f"latchstring {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for name, file in COMMANDS.items():
        if only in (None, name):
            import_module(f"latchstring.cli.{file}").add_to(commands, _Formatter)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    gc.set_threshold(10_000, 10, 10)  # what imports make stays, and looking through it again and again costs a start
    words = sys.argv[1:] if arguments is None else arguments
    asked = parser(words[0] if words and words[0] in COMMANDS else None).parse_args(words)
    try:
        code: int = asked.run(asked)
    except Refusal as refusal:
        _explain(refusal, as_json=getattr(asked, "json", False))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `latchstring ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _explain(refusal: Refusal, *, as_json: bool) -> None:
    """What happened, and what to do now."""
    errors = refusal.errors if isinstance(refusal, InvalidFields) else ()
    if as_json:
        import msgspec

        body = {"message": refusal.message, "code": refusal.code, "fix": refusal.fix}
        if errors:
            body["errors"] = msgspec.to_builtins(errors)
        say(msgspec.json.encode(body).decode())
        return
    say(f"latchstring: {refusal.message if not errors else 'this cannot be done as it was asked'}")
    for line in (*(error.message for error in errors), *getattr(refusal, "problems", ())):
        say(f"  - {line}")
    if refusal.fix and type(refusal) is not InvalidFields:  # its own says to correct the fields, as the lines above do
        say(f"  {refusal.fix}")
