"""Rules of the hardening group."""
