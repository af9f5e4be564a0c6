"""Motion models: speech to expression and head pose at 25 per second."""
