"""A photo becomes a texture on the head's UV."""
