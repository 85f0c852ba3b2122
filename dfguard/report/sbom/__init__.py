"""Bills of materials of images, by the libraries of the extra `sbom`, which nothing else imports."""
