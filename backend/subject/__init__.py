"""From a clip of one person to their moving texture."""
