"""What people read: the terminal, later pages."""
