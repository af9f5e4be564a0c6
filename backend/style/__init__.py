"""Somebody's way of speaking, measured on footage, on a take or on recorded weights."""
