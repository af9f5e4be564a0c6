"""Where the backend comes from: found, started, watched and ended; none of it needs bpy."""
