"""What is done with the models: media, fitting, synthesis, rendering, command line, training."""

import os

# Threads of OpenBLAS wait for each other by giving their turn away: on a busy machine the many small systems of
# equations that fit a photo take minutes then. NumPy asks when it is loaded, so this comes before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
