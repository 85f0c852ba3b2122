"""Where invocations come from: flags, compose files, bake files, devcontainers."""
