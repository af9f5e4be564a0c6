"""Textures that change with the expression."""
