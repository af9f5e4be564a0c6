"""TED-HD as the original stored it: the LMDB of its clips and what its motion network learns from (SPEC 10.1)."""
