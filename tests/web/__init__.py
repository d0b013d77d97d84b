"""Tests of the doors, in one process."""
