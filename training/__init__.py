"""Corpus making, training recipes and evaluation. Never imports `app`, Qt or audio devices."""
