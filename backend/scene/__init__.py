"""A take as a shot: the head in a 3D scene, rendered by Blender without a window."""
