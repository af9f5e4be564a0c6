"""Training of the learned motion model; `python -m backend.training.motion`."""
