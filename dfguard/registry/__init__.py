"""Registries of images over HTTPS: manifests, blobs and the credentials that Docker keeps for them."""
