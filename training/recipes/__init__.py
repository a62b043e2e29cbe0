"""One readable recipe a stage: `codec`, `tokenise`, `speech`, `package`. They share `run` (checkpoints, metrics)."""
