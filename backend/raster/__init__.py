"""Triangles become pixels."""
