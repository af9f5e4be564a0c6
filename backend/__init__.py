"""What is done with the models: media, fitting, synthesis, rendering, command line, training."""
