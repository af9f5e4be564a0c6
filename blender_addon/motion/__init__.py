"""A take as motion in Blender's frame at the scene's frame rate; none of it needs bpy."""
