"""Protocols: tables of named rows over pure functions."""
