"""What is learned or measured: coefficient layout, face models, networks and their weights."""
