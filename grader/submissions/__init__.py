"""Finding, unpacking and reading what was handed in. Strict: regular files, exact names, bounded sizes, UTF-8."""
