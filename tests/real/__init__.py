"""Whole logins against real peers: identity providers, official SDKs, example applications."""
