"""Rules of the secrets group."""
