"""A student's own folder: what is in it, how far its owner has come, and what leaves it."""
