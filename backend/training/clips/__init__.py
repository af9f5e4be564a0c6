"""The original's databases of clips: one LMDB layout each for TED-HD, LRW and single persons (SPEC 10.1 to 10.3)."""
