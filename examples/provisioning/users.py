"""Who a profile is in your application: somebody known, somebody new, or an older account that moves to SSO."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sso_organization TEXT UNIQUE,             -- organization_id of its profiles
    sso_required BOOLEAN NOT NULL DEFAULT 0   -- passwords are over for its people
);
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customers (id),
    email TEXT NOT NULL COLLATE NOCASE,
    name TEXT,
    password_hash TEXT,
    sso_profile TEXT UNIQUE,                  -- id of the profile that signs in as this user
    UNIQUE (customer, email)
);
"""


class SignInRefused(Exception):
    """Nobody is signed in; the words are for the person."""


def sign_in(database: sqlite3.Connection, workos, profile) -> int:
    """The id of the user whom this profile signs in. Raises `SignInRefused`.

    A profile is known by its `id`, never by its address: addresses are given to other people, and an identity
    provider can send whatever it likes. An address opens an older account only if it lies in a domain that the
    organization has proven, and the account belongs to that same customer.
    """
    with database:
        customer = _customer(database, profile)
        known = database.execute("SELECT id FROM users WHERE sso_profile = ?", (profile.id,)).fetchone()
        if known is None:
            known = _upgraded(database, workos, customer, profile) or _new(database, customer, profile)
        database.execute("UPDATE users SET email = ?, name = ? WHERE id = ?", (profile.email, profile.name, known[0]))
        return known[0]


def check_password_allowed(database: sqlite3.Connection, user: int) -> None:
    """Ask this wherever somebody comes with a password, or wants a new one. Raises `SignInRefused`."""
    required, linked = database.execute(
        "SELECT sso_required, sso_profile IS NOT NULL FROM users JOIN customers ON customers.id = customer "
        "WHERE users.id = ?",
        (user,),
    ).fetchone()
    if required or linked:
        raise SignInRefused("Your company signs in with single sign-on.")


def _customer(database, profile) -> int:
    found = database.execute(
        "SELECT id FROM customers WHERE sso_organization = ?", (profile.organization_id,)
    ).fetchone()
    if found is None:
        raise SignInRefused("Your company is not a customer here.")
    return found[0]


def _upgraded(database, workos, customer: int, profile):
    """An account from before single sign-on, if the address may open it. From now on its password is over."""
    account = database.execute(
        "SELECT id, sso_profile FROM users WHERE customer = ? AND email = ?", (customer, profile.email)
    ).fetchone()
    if account is None:
        return None
    if account[1] is not None:
        raise SignInRefused("This address belongs to another person here. Ask your administrator.")
    if not _is_proven(workos, profile):
        raise SignInRefused("There is an account with this address. Ask your administrator to link it.")
    database.execute("UPDATE users SET sso_profile = ?, password_hash = NULL WHERE id = ?", (profile.id, account[0]))
    return account


def _new(database, customer: int, profile):
    return database.execute(
        "INSERT INTO users (customer, email, name, sso_profile) VALUES (?, ?, ?, ?) RETURNING id",
        (customer, profile.email, profile.name, profile.id),
    ).fetchone()


def _is_proven(workos, profile) -> bool:
    """Whether the address lies in a domain of the organization's. Who reads the JSON itself has it in the profile, as
    `email_domain_verified`; the SDK keeps the fields that it knows."""
    organization = workos.organizations.get_organization(profile.organization_id)
    if organization.allow_profiles_outside_organization:
        return False
    domain = profile.email.rpartition("@")[2].lower()
    return any(entry.domain == domain and entry.state == "verified" for entry in organization.domains)
