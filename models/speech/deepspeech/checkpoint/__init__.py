"""A reader of TensorFlow V2 checkpoints, without TensorFlow: an index table and shards of raw numbers."""
