"""The form with every option of a connection: what stands in it, and what was sent -> a wish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from latchstring.flows.connection_wishes import OidcWish, SamlWish, invalid
from latchstring.flows.connections import ConnectionWish
from latchstring.flows.oauth_settings import OAuthWish
from latchstring.model.connection import Config, Connection, OAuthConfig, OidcConfig, SamlConfig
from latchstring.web.dashboard.connection_option_rows import OAUTH, OIDC, SAML, Option
from latchstring.web.kit.language import _


def of(config: Config | None) -> tuple[Option, ...]:
    if isinstance(config, SamlConfig):
        return SAML
    if isinstance(config, OidcConfig):
        return OIDC
    return OAUTH if isinstance(config, OAuthConfig) else ()


def value(config: Any, option: Option) -> str:
    """As the form has it."""
    found = getattr(config, option.name)
    if option.kind == "check":
        return "yes" if found else ""
    if isinstance(found, datetime):
        return f"{found:%Y-%m-%dT%H:%M}"
    return " ".join(found) if isinstance(found, tuple) else "" if found is None else str(found)


def wish(connection: Connection, typed: Mapping[str, str]) -> ConnectionWish | None:
    """What is other than it was; None if nothing is. Raises `InvalidFields`."""
    config = connection.config
    changed = {
        option.name: _read(option, typed.get(option.name, ""))
        for option in of(config)
        if value(config, option) != typed.get(option.name, "").strip()
    }
    if not changed:
        return None
    if isinstance(config, SamlConfig):
        return ConnectionWish(saml_options=SamlWish(**changed))
    if isinstance(config, OidcConfig):
        return ConnectionWish(oidc_options=OidcWish(**changed))
    return ConnectionWish(oauth_options=OAuthWish(**changed))


def _read(option: Option, text: str) -> Any:
    text = text.strip()
    match option.kind:
        case "check":
            return text == "yes"
        case "number":
            if not (text.isascii() and text.isdigit() and len(text) < 10):
                raise invalid(option.name, "number_invalid", _("This is a whole number."))
            return int(text)
        case "moment":
            return moment(option.name, text)
        case "words":
            return tuple(text.replace(",", " ").split())
        case "choice":
            if text not in dict(option.choices):
                raise invalid(option.name, "choice_invalid", _("Choose one of the list."))
            return text or None
        case _:
            return text or None


def moment(field: str, text: str) -> datetime | None:
    """Of a datetime-local field, in UTC; None where it is empty. Raises `InvalidFields`."""
    if not text:
        return None
    try:
        return datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise invalid(field, "moment_invalid", _("Write it like 2027-01-31T12:00.")) from None
