"""Grading a class: jobs, the pool of workers, and records that let a killed run resume."""
