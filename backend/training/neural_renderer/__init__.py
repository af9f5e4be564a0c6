"""Teaches the neural renderer what Cycles makes of a head: random heads, their pictures, training, measures."""
