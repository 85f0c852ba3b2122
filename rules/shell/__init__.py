"""Rules of the shell group."""
