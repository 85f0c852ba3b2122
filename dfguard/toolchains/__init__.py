"""What is known of languages' build tools: which files they read, and which commands install from them."""
