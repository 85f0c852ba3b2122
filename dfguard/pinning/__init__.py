"""Images pinned by digest: which places name them, what their tags stand for, and the lock that keeps it."""
