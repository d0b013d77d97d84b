"""What somebody who may only look sees of a person: enough to recognise whom they speak with, too little to take."""

from __future__ import annotations


def email(address: str) -> str:
    """a…@acme.example"""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}"


def word(text: str | None) -> str:
    """Its first letter."""
    return f"{text[:1]}…" if text else ""
