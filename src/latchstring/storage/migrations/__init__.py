"""Migrations, forward only. `HEAD` is the newest revision, so that a start-up need not load Alembic to know it."""

HEAD = "0026"
