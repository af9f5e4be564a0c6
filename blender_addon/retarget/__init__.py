"""Put a take onto somebody else's character: names, mixtures, mappings and presets, all without bpy."""
