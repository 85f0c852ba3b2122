"""Credentials in Python sources: found by `ast` under limits, rewritten by libcst in a child process."""
