"""Everything that touches the world: clock, randomness, outbound HTTP, settings, log."""
