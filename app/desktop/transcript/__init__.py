"""The transcript: a model over the lines, a delegate that draws one, a list that keeps ten thousand cheap."""
