"""Files of credentials, known by their structure whatever their name: one reader a syntax, one table of key paths."""
