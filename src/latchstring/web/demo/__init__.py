"""A tiny application inside the house: one button, one callback, and the profile it gets (development only)."""
