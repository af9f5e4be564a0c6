"""Small systems of equations are solved with one thread, unless somebody has said otherwise."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("given", [None, "3"])
def test_openblas_has_one_thread_unless_it_is_told(given: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    program = "import os, backend; print(os.environ['OPENBLAS_NUM_THREADS'])"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (given or "1")
