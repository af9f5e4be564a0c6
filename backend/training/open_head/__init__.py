"""Build of the open head: a face model in the 257 layout from CC0 data (MakeHuman base mesh, targets, face units)."""
