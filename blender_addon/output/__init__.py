"""What leaves Blender: files for other programs, and films."""
