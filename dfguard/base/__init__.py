"""What is known of base images: user, shell, package manager, libc, tools."""
