"""A transcript laid over its recording: words and phones in time."""
