"""What a secret looks like: by file name, by variable name, by content; and how to hide it."""
