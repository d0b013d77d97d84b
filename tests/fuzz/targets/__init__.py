"""One file a target, each with its `TARGET`."""
