"""The learned motion model: what is heard and a style become motion, at the pace of the sound."""
