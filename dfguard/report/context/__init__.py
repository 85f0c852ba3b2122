"""What `dfguard context` and `dfguard why` say: their models, and how these look."""
