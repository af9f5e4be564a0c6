"""A take becomes a head in the scene, in small pieces, as one thing that can be taken back."""
