"""A photo becomes coefficients."""
