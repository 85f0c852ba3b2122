"""The real image: archives, layers and configuration, read as they are."""
