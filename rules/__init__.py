"""The first rule pack; it has no privileges over packs of users."""
