"""The HTTP conversation with the backend on this machine; none of it needs bpy."""
