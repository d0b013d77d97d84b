"""Sets up the scenes of the SAML attacks: connections, and an identity provider whose key the attacker holds."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from latchstring import guides
from latchstring.attacks.saml import keys
from latchstring.attacks.saml.catalogue import ATTACKS as ATTACKS
from latchstring.attacks.saml.scene import Arena, Pair, Party, Scene
from latchstring.cli.attack_range import DOMAIN, REDIRECT_URI, Field, Range
from latchstring.flows import api_keys, connections, environments
from latchstring.flows.connection_wishes import KeyPairWish, SamlWish
from latchstring.flows.environment_settings import SettingsWish
from latchstring.model import ids
from latchstring.model.connection import Connection, SamlConfig
from latchstring.model.refusal import InvalidRequest, Mender
from latchstring.protocols.saml import certificates
from latchstring.storage import house_keys

_OTHER_IDP = "https://other-idp.attack.example/metadata"
_SSO_URL = "https://idp.attack.example/sso"


class TargetUnfit(InvalidRequest):
    """{target} cannot be aimed at: {reason}."""

    code = "attack_target_unfit"
    mender = Mender.OPERATOR
    fix = "Name a SAML connection whose environment has a redirect URI, and the key of its own identity provider."
    target: str
    reason: str


@contextmanager
def set_up(range_: Range, asked: Namespace) -> Iterator[Callable[[], Scene]]:
    """Gives what makes a scene for each attack. Raises `TargetUnfit`, `CertificateInvalid`."""
    field = range_.field()
    plain = _own(range_, asked) if asked.connection else _test_idp(range_, field)
    own_key = keys.made(plain.pair, range_.house.now())
    parties = {"plain": plain, **_others(range_, field, plain, own_key)}
    arena = Arena(line=range_.line, parties=parties, keys=own_key)
    try:
        yield lambda: Scene(arena)
    finally:
        if asked.connection:
            _revoke(range_)


def _test_idp(range_: Range, field: Field) -> Party:
    """The built-in Test IdP, with the key that the database keeps sealed."""
    house = range_.house
    connection = connections.get(house, field.pass_, ids.TEST_CONNECTION).connection
    with house.database.house() as whole:
        pair = house_keys.get(whole, house.vault, house_keys.TEST_IDP)
    if pair is None or house.test_idp is None:
        raise TargetUnfit(target="The Test IdP", reason="it has no key")
    idp = Pair(key=pair[1].reveal(), certificate=pair[0])
    return _party(range_, field, connection, idp, house.test_idp.entity_id, domain="example.com")


def _own(range_: Range, asked: Namespace) -> Party:
    """The connection that was named, in the environment that was named."""
    house, pass_ = range_.house, range_.pass_
    seen = connections.get(house, pass_, asked.connection)
    config = seen.connection.config
    if not isinstance(config, SamlConfig):
        raise TargetUnfit(target=asked.connection, reason="it is not a configured SAML connection")
    uris = [uri.uri for uri in environments.redirect_uris(house, pass_) if "*" not in uri.uri]
    if not uris:
        raise TargetUnfit(target=asked.connection, reason="its environment has no redirect URI without a wildcard")
    pair = Pair(key=_text(asked.idp_key), certificate=certificates.load(_text(asked.idp_cert)).pem)
    certificates.check_pair(key_pem=pair.key, certificate_pem=pair.certificate)
    verified = [domain.domain for domain in seen.domains if domain.state.is_verified]
    key = api_keys.create(house, pass_, name=_KEY_NAME)
    field = Field(range_.environment, pass_, key.secret.reveal())
    domain = verified[0] if verified else DOMAIN
    return _party(range_, field, seen.connection, pair, config.idp_entity_id, domain=domain, redirect_uri=uris[0])


_KEY_NAME = "latchstring attack"


def _revoke(range_: Range) -> None:
    """The API key that redeemed codes in an environment which stays."""
    for key in api_keys.every(range_.house, range_.pass_):
        if key.name == _KEY_NAME and key.revoked_at is None:
            api_keys.revoke(range_.house, range_.pass_, key.id)


def _others(range_: Range, field: Field, plain: Party, own: Mapping[str, Pair]) -> dict[str, Party]:
    """Connections of other organizations, by what is special about them; most believe the same provider as "plain"."""
    house = range_.house
    relaying = range_.field(SettingsWish(relay_state="redirect_uri"))
    other_certificate, other_key = house.make_key_pair("other-idp.attack.example", house.now())
    other = Pair(key=other_key, certificate=other_certificate)
    our_certificate, our_key = house.make_key_pair("sp.attack.example", house.now())
    ours = (KeyPairWish(key=our_key, cert=our_certificate),)

    def party(
        name: str, in_: Field = field, pair: Pair = plain.pair, more: tuple[Pair, ...] = (), **wish: Any
    ) -> Party:
        trusted = tuple(each.certificate for each in (*more, pair))
        entity_id = wish.pop("entity_id", plain.idp_entity_id)
        options = SamlWish(idp_entity_id=entity_id, idp_sso_url=_SSO_URL, idp_signing_certs=trusted, **wish)
        connection = range_.saml_connection(in_, f"attack {name}", options)
        encryption = our_certificate if "sp_encryption_key_pairs" in wish else None
        return _party(range_, in_, connection, pair, entity_id, encryption_certificate=encryption)

    return {
        "twin": party("twin"),  # another customer of the same provider
        "other": party("other", pair=other, entity_id=_OTHER_IDP),  # another customer with a provider of its own
        "doomed": party("doomed"),
        "portal": party("portal", idp_initiated="allow"),
        "relay": party("relay", relaying, idp_initiated="allow"),
        "wants-response": party("wants response", want_response_signed=True),
        "wants-assertion": party("wants assertion", want_assertion_signed=True),
        "sealed": party("sealed", sp_encryption_key_pairs=ours),
        "secret": party("secret", sp_encryption_key_pairs=ours, encrypt_assertions=True),
        "cbc": party("cbc", sp_encryption_key_pairs=ours, allow_cbc=True),
        "many": party("many", more=(other, own["expired"], own["ec256"], own["ec384"], own["ec521"])),
        "weak": party("weak", pair=own["rsa1024"]),
        "lenient": party(
            "lenient", more=(own["rsa1024"],), allow_sha1=True, allow_rsa1024=True, allow_inclusive_c14n=True
        ),
    }


def _party(
    range_: Range,
    field: Field,
    connection: Connection,
    pair: Pair,
    entity_id: str,
    *,
    domain: str = DOMAIN,
    redirect_uri: str = REDIRECT_URI,
    encryption_certificate: str | None = None,
) -> Party:
    ours = range_.house.addresses(connection)
    return Party(
        connection_id=connection.id,
        client_id=field.environment.client_id,
        api_key=field.api_key,
        redirect_uri=redirect_uri,
        acs_url=ours.acs_url,
        sp_entity_id=ours.sp_entity_id,
        idp_entity_id=entity_id,
        pair=pair,
        domain=domain,
        attributes=_attributes(connection),
        encryption_certificate=encryption_certificate,
    )


def _attributes(connection: Connection) -> dict[str, str]:
    """Profile field -> the first attribute that the connection takes it from; none where that is the NameID."""
    guide = guides.guide(connection.type)
    sources = {**(guide.attributes if guide else {}), **connection.attribute_maps.standard}
    return {field: named[0] for field, named in sources.items() if named and not named[0].startswith("@")}


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise TargetUnfit(target=path, reason=getattr(error, "strerror", None) or "it is not PEM") from None
