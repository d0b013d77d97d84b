"""latchstring certificate: create, list, show, activate, delete those of a SAML connection, theirs and ours."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from latchstring.cli import output, workplace
from latchstring.cli.connections import read
from latchstring.cli.nouns import Noun
from latchstring.flows import certificates, signing_pairs
from latchstring.flows.certificates import Collection
from latchstring.flows.connection_wishes import KeyPairWish, Moment, SigningPairWish
from latchstring.flows.house import House
from latchstring.model.environment import Pass
from latchstring.model.refusal import InvalidRequest, Mender, NotFound
from latchstring.web.api import shapes

_USES = {
    "idp": (Collection.IDP_SIGNING, "saml_idp_signing_certificate"),
    "signing": (Collection.SP_SIGNING, "saml_sp_signing_certificate"),
    "encryption": (Collection.SP_ENCRYPTION, "saml_sp_encryption_certificate"),
}
_FIELDS = ("id", "use", "status", "active_from", "not_before", "not_after", "retire_at")


class TimeUnreadable(InvalidRequest):
    """'{received}' is not a moment in time."""

    code = "time_unreadable"
    mender = Mender.OPERATOR
    fix = "Write it as 2027-01-31T06:00:00Z."
    received: str


class FileMissing(InvalidRequest):
    """The identity provider's certificate comes from a file, and none is named."""

    code = "certificate_file_missing"
    mender = Mender.OPERATOR
    fix = "Add `--file` with the certificate as PEM."


def add_to(commands: Any, formatter: Any) -> None:
    noun = Noun(
        commands,
        formatter,
        "certificate",
        "certificates of a SAML connection: the provider's, and key pairs of ours",
        "  latchstring certificate list --connection conn_01...\n"
        "  latchstring certificate create --connection conn_01... --use idp --file new.pem\n"
        "  latchstring certificate create --connection conn_01... --use signing --algorithm ecdsa\n"
        "  latchstring certificate activate --connection conn_01... cert_01...",
    )
    create = noun.verb("create", "trust one more of the provider's, or make a key pair of ours", _create)
    create.add_argument("--use", required=True, choices=sorted(_USES), help="idp: theirs; signing, encryption: ours")
    create.add_argument("--file", type=Path, metavar="FILE", help="the certificate, PEM; without it ours is made")
    create.add_argument("--key-file", type=Path, metavar="FILE", help="its private key, PEM; for --use signing")
    create.add_argument("--algorithm", choices=("rsa", "ecdsa"), default="rsa", help="of a key pair for signing")
    create.add_argument("--activate-at", metavar="TIME", help="when a pair for signing begins; default: by hand")
    listing = noun.verb("list", "list them, oldest first", _list)
    listing.add_argument("--use", choices=sorted(_USES), help="only these")
    show = noun.verb("show", "show one, as PEM", _show)
    activate = noun.verb("activate", "sign with this key pair from now on", _activate)
    deletion = noun.deletion("delete", "trust one no longer, or delete a key pair of ours", _delete)
    for parser in (show, activate):
        parser.add_argument("id", metavar="ID")
    for parser in (create, listing, show, activate, deletion):
        _of_connection(parser)


def _of_connection(parser: ArgumentParser) -> None:
    parser.add_argument("--connection", required=True, metavar="ID", help="of this connection")


def _create(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    if asked.use == "idp":
        if asked.file is None:
            raise FileMissing
        added = certificates.add_idp_certificate(built, pass_, asked.connection, pem=read(asked.file))
        made = added.entry
        for caution in added.cautions:
            output.say(f"Warning: {caution.message}")
    elif asked.use == "signing":
        pair = KeyPairWish(key=read(asked.key_file), cert=read(asked.file)) if asked.file and asked.key_file else None
        wish = SigningPairWish(algorithm=asked.algorithm, key_pair=pair, activate_at=_moment(asked.activate_at))
        made, _ = signing_pairs.add(built, pass_, asked.connection, wish)
    else:
        made = certificates.make_encryption_certificate(built, pass_, asked.connection)
    output.show_one(asked, _found(built, pass_, asked.connection, made.id), (*_FIELDS, "value"))
    return 0


def _list(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    every = [each for each in _every(built, pass_, asked.connection) if asked.use in (None, each["use"])]
    output.show_list(asked, {"object": "list", "data": every}, _FIELDS, empty="There is no such certificate.")
    return 0


def _show(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    output.show_one(asked, _found(built, pass_, asked.connection, asked.id), (*_FIELDS, "value"))
    return 0


def _activate(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    signing_pairs.activate(built, pass_, asked.connection, asked.id)
    output.show_one(asked, _found(built, pass_, asked.connection, asked.id), _FIELDS)
    return 0


def _delete(asked: Namespace) -> int:
    built, pass_ = workplace.enter(asked)
    use = _found(built, pass_, asked.connection, asked.id)["use"]
    output.confirm(asked, f"the certificate {asked.id}" + ("" if use == "idp" else " with its private key"))
    if use == "signing":
        signing_pairs.remove(built, pass_, asked.connection, asked.id)
    else:
        certificates.remove(built, pass_, asked.connection, _USES[use][0], asked.id)
    return output.gone(asked, "certificate", asked.id)


def _every(built: House, pass_: Pass, connection_id: str) -> list[dict[str, Any]]:
    """As the API shows them, with their use."""
    pairs = signing_pairs.listed(built, pass_, connection_id)
    return [
        *_with_use(built, pass_, connection_id, "idp"),
        *(
            {**shapes.signing_pair(entry, "saml_sp_signing_certificate", pairs.signing_id), "use": "signing"}
            for entry in pairs.entries
        ),
        *_with_use(built, pass_, connection_id, "encryption"),
    ]


def _with_use(built: House, pass_: Pass, connection_id: str, use: str) -> list[dict[str, Any]]:
    collection, kind = _USES[use]
    held = certificates.listed(built, pass_, connection_id, collection)
    return [{**shapes.certificate(entry, kind), "use": use} for entry in held]


def _found(built: House, pass_: Pass, connection_id: str, certificate_id: str) -> dict[str, Any]:
    for each in _every(built, pass_, connection_id):
        if each["id"] == certificate_id:
            return each
    raise NotFound(kind="Certificate", id=certificate_id)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found: datetime = msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise TimeUnreadable(received=text) from None
    return found
