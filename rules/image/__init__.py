"""Rules of the image group: they look at a built image."""
