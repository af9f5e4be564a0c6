"""What a head's surface looks like up close: fields on its vertices, small maps, and the node groups that use them."""
