"""Whether a password is fit to be one: long, and not among the first that anybody would try (NIST SP 800-63B)."""

from __future__ import annotations

from latchstring.model.refusal import InvalidRequest, Mender

SHORTEST = 12  # characters
LONGEST = 256  # what is longer only makes us work

_REASONS = {
    "short": f"It has fewer than {SHORTEST} characters.",
    "long": f"It has more than {LONGEST} characters.",
    "repeats": "It repeats a few characters.",
    "row": "It is a row of the alphabet, of the digits or of the keyboard.",
    "known": "It is made of a word that everybody tries first.",
    "personal": "It is made of your address, your name, or the name of this product.",
}
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_KNOWN = (
    "password", "passw0rd", "passwort", "letmein", "welcome", "changeme", "iloveyou", "administrator", "admin",
    "secret", "qwerty", "qwertz", "dragon", "monkey", "sunshine", "football", "baseball", "princess", "abc123",
)  # fmt: skip


class PasswordUnfit(InvalidRequest):
    """This password is too easy to guess. {why}"""

    code = "password_unfit"
    mender = Mender.USER
    fix = "Choose another one of at least 12 characters: four words that have nothing to do with each other will do."
    why: str


def check(password: str, *, email: str, name: str) -> None:
    """Raises `PasswordUnfit`. There are no rules about kinds of characters: they make passwords worse."""
    if reason := _fault(password, (*email.replace("@", ".").split("."), *name.split(), "latchstring", "dashboard")):
        raise PasswordUnfit(why=_REASONS[reason])


def _fault(password: str, personal: tuple[str, ...]) -> str | None:
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.casefold()
    if len(set(plain)) < 5:
        return "repeats"
    if any(plain in row or plain[::-1] in row for row in _ROWS):
        return "row"
    if _is_made_of(plain, _KNOWN):
        return "known"
    if _is_made_of(plain, tuple(word.casefold() for word in personal if len(word) > 2)):
        return "personal"
    return None


def _is_made_of(plain: str, words: tuple[str, ...]) -> bool:
    """Whether hardly a letter is left once these words are taken out; digits and signs are what everybody adds."""
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != plain and sum(character.isalpha() for character in rest) < 4
