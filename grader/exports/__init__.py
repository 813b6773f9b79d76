"""What other programs read: one module per format.

`finished` says whose grades may leave, `sheets` changes cells of a CSV file that another program made, `matching` finds
whose row is whose, `feedback` is what a student is told.
"""
