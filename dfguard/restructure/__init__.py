"""Rewrites that change how a Dockerfile is built up; each gives edits, or says why it does not.

They are made on request only, by the functions `fix` of rules. What is not understood is refused, never guessed: a
refusal costs a user nothing, and a build that breaks costs an afternoon.
"""
