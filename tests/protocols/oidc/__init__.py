"""Tests of OpenID Connect without a network."""
