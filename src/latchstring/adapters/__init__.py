"""The seam to a protocol: one file each, all with the two legs of `base.Adapter`: `begin` and `finish`."""
