"""Scripts that build or train what ships in `models/weights`."""
