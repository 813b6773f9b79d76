"""The wall between the suites and student code, and the proxy that reaches through it."""
