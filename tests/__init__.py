"""The tests mirror the rooms; what the backend says to OpenBLAS has to come before NumPy."""

import backend  # noqa: F401
