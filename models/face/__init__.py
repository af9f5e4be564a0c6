"""Face models: shape, albedo, camera and light in the 257-coefficient layout."""
