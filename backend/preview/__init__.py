"""A take becomes lit, textured frames."""
