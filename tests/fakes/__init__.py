"""Small real classes that tests use in place of heavy parts."""
