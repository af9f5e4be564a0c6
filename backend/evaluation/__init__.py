"""How good motion is: one question a file, for any motion model, on recordings and captured motion."""
