"""What is raised when a checkpoint cannot be read."""

from models.speech.whisper_encoder import WeightsError


class CheckpointError(WeightsError):
    """A file is no TensorFlow checkpoint, is damaged, or lacks a part; the message says which and what to do."""
