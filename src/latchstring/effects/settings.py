"""Reads the settings of `latchstring serve` from the environment, once, and refuses to start on nonsense."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from latchstring.effects import mail_settings
from latchstring.effects.mail_settings import MailAccount
from latchstring.model.refusal import Mender, Refusal
from latchstring.model.secret import Secret

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MIN_SECRET_LENGTH = 32


class SettingsWrong(Refusal):
    """latchstring cannot start with these settings."""

    code = "settings_wrong"
    mender = Mender.OPERATOR
    fix = "Set the variables named above and start again."
    problems: tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is set from outside."""

    base_url: str  # origin without a trailing slash; the only source of absolute URLs (WEB-05)
    database: Path
    secret_key: Secret[str]
    allow_networks: tuple[Network, ...] = ()  # private address ranges in which identity providers may live
    trusted_proxies: tuple[Network, ...] = ()  # whose X-Forwarded-For is believed (WEB-05)
    dns_servers: tuple[tuple[str, int], ...] = ()  # asked for the records of domains; none: the machine's own
    max_response_bytes: int = 262_144  # a SAML response, decoded (SAML-02)
    mail: MailAccount | None = None  # None: nothing can be mailed
    mail_language: str = "en"  # of mails to somebody whose language nobody knows; English if it is none of ours
    development: bool = False

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https:")


def from_environment(environ: Mapping[str, str] | None = None, *, needs_base_url: bool = True) -> Settings:
    """Raises `SettingsWrong` with every problem at once."""
    variables = os.environ if environ is None else environ
    problems: list[str] = []
    base_url = variables.get("LATCHSTRING_BASE_URL", "")
    if needs_base_url:
        problems += _base_url_problems(base_url)
    secret = variables.get("LATCHSTRING_SECRET_KEY", "")
    if not secret:
        problems.append(
            "LATCHSTRING_SECRET_KEY is missing. It seals the secrets in the database: set it to the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` and keep it."
        )
    elif len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < 10:
        problems.append(
            f"LATCHSTRING_SECRET_KEY is too easy to guess: it needs at least {MIN_SECRET_LENGTH} random characters."
        )
    database, database_problem = _database(variables.get("LATCHSTRING_DATABASE_URL", ""))
    if database_problem:
        problems.append(database_problem)
    size, size_problems = _size(variables.get("LATCHSTRING_MAX_RESPONSE_BYTES", ""))
    problems += size_problems
    networks, network_problems = _networks("LATCHSTRING_ALLOW_NETWORKS", variables)
    proxies, proxy_problems = _networks("LATCHSTRING_TRUSTED_PROXIES", variables)
    problems += network_problems + proxy_problems
    servers, server_problems = _servers(variables.get("LATCHSTRING_DNS_SERVERS", ""))
    problems += server_problems
    account, mail_problems = mail_settings.account(
        url=variables.get("LATCHSTRING_SMTP_URL", ""),
        sender=variables.get("LATCHSTRING_MAIL_FROM", ""),
        timeout=variables.get("LATCHSTRING_SMTP_TIMEOUT", ""),
    )
    problems += mail_problems
    mail_language = variables.get("LATCHSTRING_MAIL_LANGUAGE", "") or "en"
    if not re.fullmatch("[a-z]{2}", mail_language):
        problems.append("LATCHSTRING_MAIL_LANGUAGE is two small letters, such as de.")
    if problems:
        raise SettingsWrong(problems=tuple(problems))
    return Settings(
        base_url=base_url.rstrip("/"),
        database=database,
        secret_key=Secret(secret),
        allow_networks=networks,
        trusted_proxies=proxies,
        dns_servers=servers,
        max_response_bytes=size,
        mail=account,
        mail_language=mail_language,
    )


def dns_servers(environ: Mapping[str, str] | None = None) -> tuple[tuple[str, int], ...]:
    """The one setting that development has as well. Raises `SettingsWrong`."""
    variables = os.environ if environ is None else environ
    servers, problems = _servers(variables.get("LATCHSTRING_DNS_SERVERS", ""))
    if problems:
        raise SettingsWrong(problems=tuple(problems))
    return servers


def _base_url_problems(url: str) -> list[str]:
    example = "for example LATCHSTRING_BASE_URL=https://sso.example.com"
    if not url:
        return [f"LATCHSTRING_BASE_URL is missing: the public address of this service, {example}."]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [f"LATCHSTRING_BASE_URL is not a URL: {example}."]
    problems = []
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        problems.append(f"LATCHSTRING_BASE_URL must begin with https:// and name a host: {example}.")
    elif parts.scheme == "http" and not loopback:
        problems.append("LATCHSTRING_BASE_URL must use https; plain http is for localhost alone.")
    if parts.path.rstrip("/") or parts.query or parts.fragment or "?" in url or "#" in url:
        problems.append("LATCHSTRING_BASE_URL is an origin without a path: several SDKs discard a path prefix.")
    if parts.username or parts.password or port == 0 or re.search(r"[\s\\]", url):
        problems.append("LATCHSTRING_BASE_URL holds characters or parts that do not belong into a public address.")
    return problems


def _database(url: str) -> tuple[Path, str | None]:
    example = "for example LATCHSTRING_DATABASE_URL=sqlite:////var/lib/latchstring/latchstring.db"
    if not url:
        return Path(), f"LATCHSTRING_DATABASE_URL is missing: {example}."
    if url.startswith(("postgresql:", "postgres:", "postgresql+")):
        return (
            Path(),
            "LATCHSTRING_DATABASE_URL names PostgreSQL, which this version cannot use yet: name a SQLite file.",
        )
    if not url.startswith("sqlite:///") or url in ("sqlite:///", "sqlite:////") or url.startswith("sqlite:///:"):
        return Path(), f"LATCHSTRING_DATABASE_URL must name a SQLite file: {example}."
    path = Path(url.removeprefix("sqlite:///"))
    if path.is_dir():
        return path, f"LATCHSTRING_DATABASE_URL names a directory ({path}), not a file."
    return path, None


def _size(text: str) -> tuple[int, list[str]]:
    """Bytes. More than a mebibyte is never right: who needs it sends a whole directory as attributes."""
    if not text:
        return 262_144, []
    if text.isascii() and text.isdigit() and 16_384 <= int(text) <= 1_048_576:
        return int(text), []
    return 0, [f"LATCHSTRING_MAX_RESPONSE_BYTES: {text!r} is not a number of bytes from 16384 to 1048576."]


def _networks(name: str, variables: Mapping[str, str]) -> tuple[tuple[Network, ...], list[str]]:
    networks: list[Network] = []
    problems = []
    for part in filter(None, (part.strip() for part in variables.get(name, "").split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            problems.append(f"{name}: {part!r} is not a network such as 10.1.0.0/16.")
    return tuple(networks), problems


def _servers(text: str) -> tuple[tuple[tuple[str, int], ...], list[str]]:
    """Addresses, each with a port if it is not 53: 10.0.0.2, 10.0.0.3:5353, [2001:db8::1]:5353."""
    servers: list[tuple[str, int]] = []
    problems = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = part.rpartition(":") if part.count(":") == 1 or "]:" in part else (part, "", "53")
        try:
            address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
            if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
                raise ValueError
            servers.append((str(address), int(port)))
        except ValueError:
            problems.append(f"LATCHSTRING_DNS_SERVERS: {part!r} is not an address such as 10.1.0.2 or 10.1.0.2:5353.")
    return tuple(servers), problems
