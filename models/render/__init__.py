"""The neural renderer of the original system: texture and UV images in, frames out (SPEC 4)."""
