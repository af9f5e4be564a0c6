"""Lips."""
