"""One press of a button: what is asked of the backend, the job while it runs, and what comes of it."""
