"""Rules of the correctness group."""
