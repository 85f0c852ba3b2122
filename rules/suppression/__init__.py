"""Rules of the suppression group: comments that silence findings."""
