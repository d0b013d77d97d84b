"""Every "no" that a logout message of an identity provider can earn, beside those of signatures and documents."""

from __future__ import annotations

from datetime import datetime

from latchstring.model.refusal import LogoutRefused, Mender

_VENDOR = "Report it to the maker of the identity provider's software; standard products do not send this."
_CLOCKS = (
    "Set the clocks of the identity provider and of this server by NTP, or raise the clock skew of the connection."
)


class LogoutMessageMalformed(LogoutRefused):
    """The identity provider's logout message cannot be read: {reason}."""

    code = "logout_message_malformed"
    fix = _VENDOR
    reason: str


class LogoutSignatureMissing(LogoutRefused):
    """The identity provider's logout message is not signed, so nobody knows who sent it."""

    code = "logout_signature_missing"
    fix = "Turn on signing of logout requests and logout responses at the identity provider."


class LogoutIssuerMismatch(LogoutRefused):
    """The logout message was issued by another identity provider than the one of this connection."""

    code = "logout_issuer_mismatch"
    fix = "Make the connection's IdP entity ID the same as the Issuer, letter by letter; a slash at the end counts."
    expected: str
    received: str


class LogoutDestinationMismatch(LogoutRefused):
    """The logout message was sent to another address than ours."""

    code = "logout_destination_mismatch"
    fix = "Set the single logout URL at the identity provider to the expected value; it stands in our SP metadata."
    expected: str
    received: str | None


class LogoutMessageTooLate(LogoutRefused):
    """The logout message came too late: it has expired."""

    code = "logout_message_expired"
    mender = Mender.USER
    fix = "Sign out again. If it persists, compare the clocks of the identity provider and of this server."
    moment: datetime
    now: datetime


class LogoutMessageTooEarly(LogoutRefused):
    """The logout message is not valid yet: the two clocks differ."""

    code = "logout_message_not_yet_valid"
    fix = _CLOCKS
    moment: datetime
    now: datetime


class LogoutSubjectMissing(LogoutRefused):
    """The logout request does not say who signs out: its NameID is {reason}."""

    code = "logout_subject_missing"
    fix = (
        "Let the identity provider send a NameID of 1 to 256 characters; if it encrypts it, then to the encryption "
        "certificate of our SP metadata."
    )
    reason: str  # missing, encrypted (and there is no key of ours), unreadable, blank, too long


class LogoutAnswerUnknown(LogoutRefused):
    """The answer belongs to no sign-out that this browser has under way."""

    code = "logout_answer_unknown"
    mender = Mender.USER
    fix = "Go back to the application and sign out again in this browser, with cookies allowed."
