"""Pictures: the storyboard, the frames, the encoder."""
