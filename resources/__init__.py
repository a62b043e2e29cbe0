"""Data files that travel with Sotto: configurations, dictionaries, voices. `engine.paths` finds them."""
