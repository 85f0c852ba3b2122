"""Where images come from: one module per kind of archive or store."""
