"""Whole logins against the running product, charged to the server's CPU alone."""
