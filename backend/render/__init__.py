"""A take becomes a video of the person in a photo."""
