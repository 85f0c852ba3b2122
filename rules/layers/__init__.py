"""Rules of the layers group."""
