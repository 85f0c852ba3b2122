"""What `dfguard image` says of an image."""
