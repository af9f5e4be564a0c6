"""Networks that measure face-model coefficients in a photo (SPEC 8)."""
