"""Makes the corpus: texts, synthesized and aligned speech, shards on disk. Must not import torch, the model or app."""
