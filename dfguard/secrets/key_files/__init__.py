"""Private keys and key stores in binary formats, known by their structure; what is public only is told apart."""
