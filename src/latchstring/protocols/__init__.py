"""Protocols as pure functions: bytes + configuration + now -> a value or a typed refusal. No clock, no network."""
