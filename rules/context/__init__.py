"""Rules of the context group."""
