"""Builds the phonetic speech encoder: the frozen Whisper encoder's weights, and the head trained on top of them."""
