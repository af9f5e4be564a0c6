"""Drive my character: a take on somebody else's meshes and bones, in Blender."""
