"""Makes the live maps: lines, shade and blood of expressions, derived from a face model's own movements."""
