"""The near side: suites are ordinary pytest; here is what they are written with and what runs them."""
