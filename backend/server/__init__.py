"""The HTTP backend: jobs over a versioned API on this machine only."""
