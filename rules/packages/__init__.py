"""Rules of the packages group."""
