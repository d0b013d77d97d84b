"""Spoils XML as an attacker would: whole elements are copied, moved, renamed, wrapped and spliced, on the text itself.

The bytes that nobody touches stay as they are, so a signature over them still holds; that is what makes the result
dangerous. Everything follows from the `Random` that is handed in.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from latchstring.model.refusal import Refusal
from latchstring.protocols.saml import xml
from latchstring.protocols.saml.signing import sign
from tests.fuzz import xml_words as words
from tests.protocols.saml.answers import pair

_CLOSERS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<", ">"))
_ATTRIBUTE = re.compile(r"""(?<=\s)([\w:.-]{1,40})=("[^"]*"|'[^']*')""")
_NAME = re.compile(r"[^\s/>]+")
_SIGNED = ("Assertion", "Response", "LogoutRequest", "LogoutResponse")  # what a signature is put on
_MAX_LENGTH = 400_000
_MAX_SEARCHED = 60_000


@dataclass(frozen=True, slots=True)
class Span:
    """An element in the text: from `start` to `end`, its content from `inner` to `outer`."""

    start: int
    inner: int
    outer: int
    end: int
    name: str

    @property
    def local(self) -> str:
        return self.name.rpartition(":")[2]


def tags(text: str) -> Iterator[tuple[int, int]]:
    """Where each tag, comment and the like begins and ends, up to the first that does not; none in huge texts."""
    at = text.find("<") if len(text) <= _MAX_SEARCHED else -1
    while at >= 0:
        closer = next(closer for opener, closer in _CLOSERS if text.startswith(opener, at))
        end = text.find(closer, at)
        if end < 0:
            return
        yield at, end + len(closer)
        at = text.find("<", end + len(closer))


def spans(text: str) -> list[Span]:
    """The elements, in the order in which they end; tags that do not match are passed over."""
    found: list[Span] = []
    opened: list[tuple[int, int, str]] = []
    for start, end in tags(text):
        if text[start + 1] in "!?":
            continue
        if text[start + 1] == "/":
            name = text[start + 2 : end - 1].strip()
            if opened and opened[-1][2] == name:
                began, inner, _ = opened.pop()
                found.append(Span(began, inner, start, end, name))
            continue
        named = _NAME.match(text, start + 1, end)
        name = named[0] if named else ""
        if text[end - 2] == "/":
            found.append(Span(start, end, end, end, name))
        else:
            opened.append((start, end, name))
    return found


class Spoiler:
    """Knows other documents to steal from."""

    def __init__(self, donors: Sequence[bytes]) -> None:
        self._donors = [_text(donor) for donor in donors]

    def __call__(self, document: bytes, chance: Random) -> bytes:
        """The document after one to four changes."""
        text = _text(document)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
            deed = chance.choice(_RARE if chance.random() < 0.06 else _DEEDS)
            text = deed(self, text, chance)
            if len(text) > _MAX_LENGTH:
                break
        return _bytes(text, chance)

    # Each deed takes the text and gives it back changed, or as it was where there is nothing to change.

    def copy(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        return _put(text, chance, text[span.start : span.end]) if span else text

    def move(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        return _put(_cut(text, span), chance, text[span.start : span.end]) if span else text

    def remove(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        return _cut(text, span) if span else text

    def swap(self, text: str, chance: Random) -> str:
        one, other = _any(text, chance), _any(text, chance)
        if one is None or other is None or not (one.end <= other.start or other.end <= one.start):
            return text
        first, second = sorted((one, other), key=lambda span: span.start)
        return "".join((
            text[: first.start], text[second.start : second.end], text[first.end : second.start],
            text[first.start : first.end], text[second.end :],
        ))  # fmt: skip

    def wrap(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        if span is None:
            return text
        wrapper = chance.choice(words.WRAPPERS)
        return text[: span.start] + wrapper.format(text[span.start : span.end]) + text[span.end :]

    def unwrap(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        return text[: span.start] + text[span.inner : span.outer] + text[span.end :] if span else text

    def rename(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        if span is None:
            return text
        prefix = chance.choice((span.name.rpartition(":")[0], *words.PREFIXES, ""))
        local = chance.choice((span.local, *words.LOCALS))
        name = f"{prefix}:{local}" if prefix else local
        opening = f"<{name}{text[span.start + 1 + len(span.name) : span.inner]}"
        closing = f"</{name}>" if span.end > span.outer else ""
        return text[: span.start] + opening + text[span.inner : span.outer] + closing + text[span.end :]

    def attribute(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        if span is None:
            return text
        tag = text[span.start : span.inner]
        there = list(_ATTRIBUTE.finditer(tag))
        new = f'{chance.choice(words.ATTRIBUTES)}="{self._value(text, chance)}"'
        if there and chance.random() < 0.7:
            old = chance.choice(there)
            kept = f'{old[1]}="{self._value(text, chance)}"'
            tag = tag[: old.start()] + chance.choice((kept, kept, new, "", f"{old[0]} {kept}")) + tag[old.end() :]
        else:
            at = 1 + len(span.name)
            tag = f"{tag[:at]} {new}{tag[at:]}"
        return text[: span.start] + tag + text[span.inner :]

    def _value(self, text: str, chance: Random) -> str:
        if chance.random() < 0.5:
            return chance.choice(words.VALUES)
        source = text if chance.random() < 0.7 and len(text) <= _MAX_SEARCHED else chance.choice(self._donors)
        other = _ATTRIBUTE.findall(source)
        value = str(chance.choice(other)[1][1:-1]) if other else ""
        return f"#{value}" if chance.random() < 0.2 else value

    def say(self, text: str, chance: Random) -> str:
        """Other words in an element that holds words alone."""
        span = _leaf(text, chance)
        if span is None:
            return text
        said = text[span.inner : span.outer]
        at = chance.randint(0, len(said))
        changed = chance.choice((
            chance.choice(words.VALUES), said[:at] + chance.choice(words.INSERTS) + said[at:], said[:at],
            said[:at] + chance.choice(words.VALUES) + said[at:], said + said, f"<![CDATA[{said}]]>", said.upper(),
            said[:at] + "<!---->" + said[at:], "".join(f"&#{ord(each)};" for each in said[:200]), f" {said}\n",
        ))  # fmt: skip
        return text[: span.inner] + changed + text[span.outer :]

    def insert(self, text: str, chance: Random) -> str:
        _, at = chance.choice([*tags(text)] or [(0, 0)])
        return text[:at] + chance.choice(words.INSERTS) + text[at:]

    def declare(self, text: str, chance: Random) -> str:
        return chance.choice(words.DECLARATIONS) + text

    def namespace(self, text: str, chance: Random) -> str:
        """A prefix means something else from here on, or a namespace is another one everywhere."""
        if chance.random() < 0.3:
            return text.replace(
                chance.choice(words.NAMESPACES[:4]), chance.choice(words.NAMESPACES), chance.choice((1, 2, -1))
            )
        span = _any(text, chance)
        if span is None:
            return text
        prefix = chance.choice(("", *(f":{name}" for name in words.PREFIXES)))
        at = span.start + 1 + len(span.name)
        return f'{text[:at]} xmlns{prefix}="{chance.choice(words.NAMESPACES)}"{text[at:]}'

    def splice(self, text: str, chance: Random) -> str:
        """An element of another document, beside or instead of one of this."""
        donor = chance.choice(self._donors)
        stolen = _any(donor, chance)
        if stolen is None:
            return text
        piece = donor[stolen.start : stolen.end]
        same = [span for span in spans(text) if span.local == stolen.local]
        if same and chance.random() < 0.6:
            span = chance.choice(same)
            return text[: span.start] + piece + text[span.end :]
        return _put(text, chance, piece)

    def evil_twin(self, text: str, chance: Random) -> str:
        """Signature wrapping: a changed copy of what is signed takes its place, the original hides somewhere."""
        span = _named(text, chance, *_SIGNED)
        if span is None:
            return text
        original = text[span.start : span.end]
        twin = _forge_name(original, chance)
        if chance.random() < 0.5:
            signature = _named(twin, chance, "Signature")
            twin = _cut(twin, signature) if signature else twin
        if chance.random() < 0.6:
            twin = re.sub(r'\bID="[^"]*"', 'ID="_evil"', twin, count=1)
        wrapped = chance.choice(words.WRAPPERS).format(original) if chance.random() < 0.7 else original
        match chance.randrange(3):
            case 0:
                return text[: span.start] + twin + wrapped + text[span.end :]
            case 1:
                return text[: span.start] + wrapped + twin + text[span.end :]
        host = _any(twin, chance)
        if host is None:
            return text
        return text[: span.start] + twin[: host.inner] + wrapped + twin[host.inner :] + text[span.end :]

    def sign_as_attacker(self, text: str, chance: Random) -> str:
        """Somebody else's name, honestly signed with somebody else's key."""
        span = _named(text, chance, *_SIGNED)
        if span is None:
            return text
        body = _forge_name(text[span.start : span.end], chance)
        signature = _named(body, chance, "Signature")
        body = _cut(body, signature) if signature else body
        attacker = pair("other")
        shown = chance.choice((attacker, pair("rsa"))).certificate
        try:
            made = sign(body.encode(), key_pem=attacker.pem, certificate_pem=shown).decode()
        except (Refusal, ValueError, IndexError, AttributeError):
            return text
        return text[: span.start] + made + text[span.end :]

    def mend_digest(self, text: str, chance: Random) -> str:
        """Changes what is signed, and the digest with it; the signature over SignedInfo is then a lie."""
        span = _named(text, chance, *_SIGNED)
        signature = _named(text, chance, "Signature")
        if span is None or signature is None or not span.start < signature.start < span.end:
            return text
        body = _forge_name(text[span.start : span.end], chance)
        inside = _named(body, chance, "Signature")
        if inside is None:
            return text
        try:
            canonical = xml.canonical(xml.reparse(_cut(body, inside).encode()))
        except Refusal:
            return text
        digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
        body = re.sub(r"(<ds:DigestValue>)[^<]*", rf"\g<1>{digest}", body, count=1)
        return text[: span.start] + body + text[span.end :]

    def double_signed_info(self, text: str, chance: Random) -> str:
        span = _named(text, chance, "SignedInfo", "Reference", "DigestValue", "SignatureValue", "Signature")
        if span is None:
            return text
        piece = text[span.start : span.end]
        forged = re.sub(r"(DigestValue>)[^<]{8}", r"\g<1>AAAAAAAA", piece)
        pair_ = chance.choice((forged + piece, piece + forged, piece.replace("</", "<!-- --></", 1)))
        return text[: span.start] + pair_ + text[span.end :]

    def letters(self, text: str, chance: Random) -> str:
        """Some characters, blindly."""
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                return (
                    text[:at]
                    + chr(chance.choice((0, 9, 34, 38, 60, 65, 127, 0x85, 0x2028, 0xFFFE, 0x1F600)))
                    + text[at:]
                )
            case 1:
                return text[:at] + text[at + chance.randint(1, 40) :]
            case 2:
                return text[:at] + text[at : at + chance.randint(1, 200)] + text[at:]
        return text[:at] + chr(chance.randrange(32, 127)) + text[at + 1 :]

    # These make documents large, so they come seldom.

    def many(self, text: str, chance: Random) -> str:
        span = _any(text, chance)
        if span is None:
            return text
        piece = text[span.start : span.end]
        times = min(chance.choice((5, 50, 101, 300, 5001)), _MAX_LENGTH // max(1, len(piece)))
        return text[: span.start] + piece * times + text[span.end :]

    def deep(self, text: str, chance: Random) -> str:
        span, depth = _any(text, chance), chance.choice((10, 60, 64, 300, 10_000))
        if span is None:
            return text
        name = chance.choice(("x", "saml:Advice", "ds:Object", span.name))
        inside = f"<{name}>" * depth + text[span.start : span.end] + f"</{name}>" * depth
        return text[: span.start] + inside + text[span.end :]

    def wide(self, text: str, chance: Random) -> str:
        """Many attributes or namespaces on one element."""
        span, count = _any(text, chance), chance.choice((10, 256, 257, 20_000))
        if span is None:
            return text
        at = span.start + 1 + len(span.name)
        form = chance.choice((' a{}="{}"', ' xmlns:n{}="urn:{}"', ' xmlns:n{}="relative{}"', ' ID{}="_{}"'))
        return text[:at] + "".join(form.format(number, number) for number in range(count)) + text[at:]

    def long(self, text: str, chance: Random) -> str:
        """One thing, over and over: what a search that goes back on its steps cannot bear."""
        token = chance.choice(words.TOKENS)
        piece = token * (chance.choice((100, 10_000, 200_000)) // len(token))
        span = _leaf(text, chance)
        if span is None or chance.random() < 0.3:
            at = chance.randrange(len(text) + 1)
            return text[:at] + piece + text[at:]
        return text[: span.inner] + piece + text[span.outer :]

    def encode(self, text: str, chance: Random) -> str:
        """A mark for `_bytes`, which alone can say in which encoding the text goes out."""
        return chance.choice(("\ue000", "\ue001", "\ue002")) + text


_Deed = Callable[[Spoiler, str, Random], str]
_DEEDS: tuple[_Deed, ...] = (
    Spoiler.copy, Spoiler.move, Spoiler.remove, Spoiler.swap, Spoiler.wrap, Spoiler.unwrap, Spoiler.rename,
    Spoiler.attribute, Spoiler.attribute, Spoiler.say, Spoiler.say, Spoiler.insert, Spoiler.namespace,
    Spoiler.splice, Spoiler.splice, Spoiler.evil_twin, Spoiler.evil_twin, Spoiler.sign_as_attacker, Spoiler.mend_digest,
    Spoiler.double_signed_info, Spoiler.letters,
)  # fmt: skip
_RARE: tuple[_Deed, ...] = (Spoiler.many, Spoiler.deep, Spoiler.wide, Spoiler.long, Spoiler.encode, Spoiler.declare)


def _text(document: bytes) -> str:
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        return document.decode("utf-16", "replace")
    return document.decode("utf-8", "replace")


def _bytes(text: str, chance: Random) -> bytes:
    mark = text[:1]
    if mark in ("\ue000", "\ue001", "\ue002"):
        encoding = {"\ue000": "utf-16", "\ue001": "utf-16-be", "\ue002": "latin-1"}[mark]
        return text[1:].encode(encoding, "replace")
    return text.encode("utf-8", "replace")


def _any(text: str, chance: Random) -> Span | None:
    return chance.choice(spans(text) or [None])


def _named(text: str, chance: Random, *locals_: str) -> Span | None:
    return chance.choice([span for span in spans(text) if span.local in locals_] or [None])


def _leaf(text: str, chance: Random) -> Span | None:
    return chance.choice([span for span in spans(text) if "<" not in text[span.inner : span.outer]] or [None])


def _cut(text: str, span: Span) -> str:
    return text[: span.start] + text[span.end :]


def _put(text: str, chance: Random, piece: str) -> str:
    """Somewhere between two tags."""
    places = [at for span in spans(text) for at in (span.start, span.inner, span.outer, span.end)]
    at = chance.choice(places or [len(text)])
    return text[:at] + piece + text[at:]


def _forge_name(text: str, chance: Random) -> str:
    """Another NameID, or another value in place of what comes first."""
    span = _named(text, chance, "NameID") or _leaf(text, chance)
    return text[: span.inner] + "eve" + text[span.outer :] if span else text
