"""The files that backend and add-on exchange, checked as they are read; none of it needs bpy."""
