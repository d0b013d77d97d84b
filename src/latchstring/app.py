"""The only place where things are wired: settings -> House -> the ASGI application."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from time import monotonic
from urllib.parse import urlsplit

from latchstring.adapters.registry import adapters
from latchstring.effects import clock, keys, mail, randomness
from latchstring.effects.dns import Resolver
from latchstring.effects.outbound import Outbound
from latchstring.effects.passwords import Argon2
from latchstring.effects.sequence import IdSequence
from latchstring.effects.settings import Network, Settings
from latchstring.effects.tray import Tray
from latchstring.flows import test_idp
from latchstring.flows.house import House
from latchstring.model.api_call import ApiCall
from latchstring.model.attempt import SignInNews
from latchstring.model.mail import KeptMail, MailServer, Postbox
from latchstring.protocols.oidc import published
from latchstring.storage.database import Database
from latchstring.storage.journal import Ledger
from latchstring.storage.sqlite import SqliteEngine
from latchstring.storage.vault import Vault, key_from_text
from latchstring.web import api, dashboard, demo, portal, sso
from latchstring.web import test_idp as test_idp_door
from latchstring.web.kit import language
from latchstring.web.kit.endpoint import Endpoint, inline
from latchstring.web.kit.openapi import with_openapi
from latchstring.web.kit.route import Door

_LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_CALLS = 10_000  # of the API that wait to be written down, at most


def _nobody(_news: object) -> None:
    """Without a terminal nobody listens."""


def house(
    settings: Settings,
    *,
    told: Callable[[SignInNews], None] = _nobody,
    mailed: Callable[[KeptMail], None] = _nobody,
) -> House:
    """The house over an existing, migrated database. `mailed` hears of each mail that development keeps."""
    vault = Vault((key_from_text(settings.secret_key.reveal()),), randomness.bytes_)
    database = Database(SqliteEngine(settings.database), Ledger(clock.now, vault))
    outbound = Outbound(
        allow_networks=settings.allow_networks + (_LOOPBACK if settings.development else ()),
        allow_http=settings.development,
        would_block=lambda: inline.active,
        scope_open=lambda: database.scope_open,
        monotonic=monotonic,
        sound=published.is_sound,
    )
    resolver = Resolver(
        servers=settings.dns_servers,
        would_block=lambda: inline.active,
        scope_open=lambda: database.scope_open,
    )
    tray = Tray[ApiCall](_CALLS)
    drawer = mail.Drawer(clock.now, mailed)
    return House(
        now=clock.now,
        chance=randomness.bytes_,
        sequence=IdSequence(randomness.bytes_),
        database=database,
        vault=vault,
        fetch=outbound,
        txt=resolver,
        adapters=adapters(allow_http=settings.development, max_response_bytes=settings.max_response_bytes),
        base_url=settings.base_url,
        development=settings.development,
        test_idp=test_idp.identity(database, vault, settings.base_url, keys.rsa_pair, clock.now()),
        make_key_pair=keys.rsa_pair,
        make_ec_key_pair=keys.ec_pair,
        postbox=drawer if settings.development else _postbox(settings, database),
        mail_server=None if settings.development else _mail_server(settings),
        kept_mail=drawer.kept,
        voice=language.voice,
        mail_language=settings.mail_language,
        passwords=Argon2(would_block=lambda: inline.active, chance=randomness.bytes_),
        heard=tray.put,
        unwritten=tray.take,
        told=told,
    )


def _mail_server(settings: Settings) -> MailServer | None:
    account = settings.mail
    if account is None:
        return None
    return MailServer(
        host=account.host, port=account.port, encryption=account.tls, user=account.user, sender=str(account.sender)
    )


def _postbox(settings: Settings, database: Database) -> Postbox:
    if settings.mail is None:
        return mail.closed
    return mail.Smtp(
        settings.mail,
        our_name=urlsplit(settings.base_url).hostname or "localhost",
        would_block=lambda: inline.active,
        scope_open=lambda: database.scope_open,
        now=clock.now,
        chance=randomness.bytes_,
    )


def doors(*, development: bool) -> Sequence[Door]:
    """Every route of the product; the demo application answers in development alone."""
    found = [sso.door(), api.door(), test_idp_door.door(), dashboard.door(), portal.door()]
    if development:
        found.append(demo.door())
    return with_openapi(found)


def application(settings: Settings, built: House) -> Endpoint:
    return Endpoint(
        built, doors(development=settings.development), secure=settings.secure, proxies=settings.trusted_proxies
    )
