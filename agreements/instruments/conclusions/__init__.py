"""That an agreement or an amendment of it was signed: one side records it, the other confirms."""
