"""What other programs read: one module per format."""
