"""What `dfguard layers` says of the image that a build would make."""
