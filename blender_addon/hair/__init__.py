"""Hair, brows and beard: grown in NumPy on the surface of a head, then put into Blender as hair curves or cards."""
