"""Lids."""
