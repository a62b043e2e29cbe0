"""What `make bench` and `sotto bench` run: figures of the real voice on this machine, as JSON. Never a test."""
