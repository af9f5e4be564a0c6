"""A person is cut out of a photo, and pictures are put over one another."""
