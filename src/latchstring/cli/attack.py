"""latchstring attack: fires known attacks at a running server and shows which check refused each of them."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Literal, NamedTuple

from latchstring.attacks import report
from latchstring.attacks.oidc.stage import ProviderUnreachable
from latchstring.attacks.outcome import Attack, Outcome, chosen, fire
from latchstring.cli import attack_oidc, attack_range, attack_saml, output, workplace
from latchstring.cli.attack_range import Range

_EXAMPLES = """\
examples:
  latchstring attack                        everything, at the server of `latchstring dev` in ./.latchstring
  latchstring attack --only saml            one half; or a name, or an id, with * and ?: --only 'xsw*', --only SAML-27
  latchstring attack --list                 what there is, without firing anything
  latchstring attack --environment Staging --url https://sso-staging.example.com --json
  latchstring attack --only saml --connection conn_01... --idp-key idp.key --idp-cert idp.pem

Fires a catalogue of published attacks at a server over HTTP, and answers that are unusual but valid, which must be
accepted. Every row says which check is meant to refuse it: a row is marked !! if an attack is accepted, if another
check refuses it, or if a valid answer is refused. The attacks aim at a temporary environment, made beside the named one
and deleted at the end; with --connection, at that connection, signed with its identity provider's key. Never at a
production environment. Exit codes: 0 all as it should be, 1 something marked, 2 wrong usage.
"""


class Half(NamedTuple):
    """A protocol's catalogue, and what sets its scenes up: given the range, a context in which scenes are made."""

    protocol: Literal["saml", "oidc"]
    attacks: Sequence[Attack[Any]]
    set_up: Callable[[Range, Namespace], AbstractContextManager[Callable[[], Any]]]


HALVES = (
    Half("saml", attack_saml.ATTACKS, attack_saml.set_up),
    Half("oidc", attack_oidc.ATTACKS, attack_oidc.set_up),
)


def add_to(commands: Any, formatter: Any) -> None:
    parser: ArgumentParser = commands.add_parser(
        "attack", help="fire known attacks at a running server", description=_EXAMPLES, formatter_class=formatter
    )
    parser.add_argument("--url", metavar="BASE", help="where the server is reached (default: its own base URL)")
    parser.add_argument("--only", metavar="WHAT", help="saml, oidc, or a pattern for names or ids")
    parser.add_argument("--list", action="store_true", help="show the catalogue and fire nothing")
    workplace.add_options(parser)
    own = parser.add_argument_group("a connection of yours, in a staging environment")
    own.add_argument("--connection", metavar="ID", help="the SAML connection to aim at; with both options below")
    own.add_argument("--idp-key", metavar="FILE", help="the private key its identity provider signs with; PEM")
    own.add_argument("--idp-cert", metavar="FILE", help="its certificate; PEM")
    provider = parser.add_argument_group("the hostile OpenID provider, which runs in this process")
    provider.add_argument("--provider-port", type=int, default=0, metavar="PORT", help="on 127.0.0.1; default: any")
    provider.add_argument("--provider-url", metavar="URL", help="how the server reaches that port; default: directly")
    parser.set_defaults(run=lambda asked: _run(parser, asked))


def _run(parser: ArgumentParser, asked: Namespace) -> int:
    given = [asked.connection, asked.idp_key, asked.idp_cert]
    if any(given) and not all(given):
        parser.error("--connection, --idp-key and --idp-cert go together")
    wanted = [(half, _chosen(half, asked.only)) for half in HALVES]
    wanted = [(half, attacks) for half, attacks in wanted if attacks]
    if not wanted:
        parser.error(f"no attack is called {asked.only!r}; see latchstring attack --list")
    if asked.list:
        return _list(asked, wanted)
    try:
        outcomes = list(_fire(asked, wanted))
    except ProviderUnreachable as refusal:
        parser.error(f"{refusal.message}\n{refusal.fix}")
    found = report.summary(outcomes)
    if asked.json:
        output.as_json(report.as_json(outcomes))
    else:
        output.table(report.HEAD, [report.row(outcome) for outcome in outcomes])
        output.say(report.sentence(found))
    return 0 if found.good else 1


def _chosen(half: Half, only: str | None) -> tuple[Attack[Any], ...]:
    if only in [each.protocol for each in HALVES]:
        return tuple(half.attacks) if half.protocol == only else ()
    return chosen(half.attacks, only)


def _list(asked: Namespace, wanted: Sequence[tuple[Half, Sequence[Attack[Any]]]]) -> int:
    shown = [
        {
            "protocol": half.protocol,
            "name": attack.name,
            "requirement": attack.requirement,
            "tries": attack.tries,
            "expected": attack.expected,
        }
        for half, attacks in wanted
        for attack in attacks
    ]
    if asked.json:
        output.as_json({"object": "list", "data": shown})
        return 0
    rows = [[each["name"], each["requirement"], each["tries"], each["expected"] or "(accepted)"] for each in shown]
    output.table(["attack", "id", "what it tries", "refused with"], [[str(cell) for cell in row] for row in rows])
    return 0


def _fire(asked: Namespace, wanted: Sequence[tuple[Half, Sequence[Attack[Any]]]]) -> Iterator[Outcome]:
    count = sum(len(attacks) for _, attacks in wanted)
    done = 0
    with _termination_as_interrupt(), attack_range.staged(asked) as range_, ExitStack() as stack:
        # All set up before the first one is fired: what cannot work should say so at once.
        scenes = [stack.enter_context(half.set_up(range_, asked)) for half, _ in wanted]
        for (half, attacks), scene in zip(wanted, scenes, strict=True):
            for attack in attacks:
                done += 1
                _progress(f"{done}/{count} {attack.name}")
                yield fire(half.protocol, attack, scene())
    _progress("")


def _progress(text: str) -> None:
    """One line on a terminal, written over and over; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """So that a `kill` cleans up as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
