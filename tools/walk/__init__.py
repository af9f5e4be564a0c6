"""A walk through the add-on in Blender's own window, with a check and a picture of each step."""
