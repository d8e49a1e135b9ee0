"""What comes in and goes out, one file a noun; separate models for the two directions."""
