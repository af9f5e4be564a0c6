"""A set to render a head in: a backdrop, lamps or a world around it, and the shot itself."""
