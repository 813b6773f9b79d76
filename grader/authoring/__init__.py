"""For authors: what is made from the solutions, and the proof that the suites tell right from wrong."""
