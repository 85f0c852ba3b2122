"""The packages of an image: which files tell of them, what those say, and which layer brought or removed which."""
