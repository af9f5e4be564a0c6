"""Change what a head plays: amounts of a region, parts of another take, fewer keys."""
