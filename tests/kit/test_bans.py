"""Bans: the ready-made kernel is out of reach on every way, and nothing else is refused."""

import textwrap

import pytest

from grader.catalog import Course
from grader.sandbox.far import reading
from grader.sandbox.farside import Limits
from grader.sandbox.proxy import BannedUse, FailedToLoad, Session, Source, Student, StudentError
from tests.kit.conftest import ROOT

LESSON = Course(ROOT).lesson("lesson09_lstm")
BAN = LESSON.bans["recurrent"]
HEAD = "import torch\nfrom torch import nn\n"
CELL_ARGS = "x, (h, h), torch.zeros(16, 3), torch.zeros(16, 4), torch.zeros(16), torch.zeros(16)"

# Each defines `step(x, h)` by a ready-made kernel; the line that calls it ends in `# here`.
WAYS = {
    "nn.LSTMCell": "cell = nn.LSTMCell(3, 4)\ndef step(x, h):\n    return cell(x, (h, h))  # here",
    "direct": "def step(x, h):\n    return nn.LSTMCell(3, 4)(x, (h, h))  # here",
    "nn.LSTM": "def step(x, h):\n    layer = nn.LSTM(3, 4)\n    return layer(x)  # here",
    "attribute": (
        "class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.inner = nn.GRU(3, 4)\n"
        "    def forward(self, x): return self.inner(x)  # here\ndef step(x, h): return M()(x)"
    ),
    "renamed import": "from torch.nn import LSTMCell as Helper\ndef step(x, h):\n    return Helper(3, 4)(x, (h, h))  # here",
    "star import": "from torch.nn import *\ndef step(x, h):\n    return LSTMCell(3, 4)(x, (h, h))  # here",
    "alias": "net = nn\ndef step(x, h):\n    return net.LSTMCell(3, 4)(x, (h, h))  # here",
    "functional": f"def step(x, h):\n    return torch.lstm_cell({CELL_ARGS})  # here",
    "_VF": f"def step(x, h):\n    return torch._VF.lstm_cell({CELL_ARGS})  # here",
    "_C": f"def step(x, h):\n    return torch._C._VariableFunctions.lstm_cell({CELL_ARGS})  # here",
    "ops": f"def step(x, h):\n    return torch.ops.aten.lstm_cell({CELL_ARGS.replace('(h, h)', '[h, h]')})  # here",
    "getattr": "def step(x, h):\n    return getattr(nn, 'LSTM' + 'Cell')(3, 4)(x, (h, h))  # here",
    "full-width letters": "def step(x, h):\n    return nn.\uff2c\uff33\uff34\uff2dCell(3, 4)(x, (h, h))  # here",
    "getattr constant": "def step(x, h):\n    return getattr(torch.nn, 'LSTMCell')(3, 4)(x, (h, h))  # here",
    "vars": "def step(x, h):\n    return vars(nn)['LSTMCell'](3, 4)(x, (h, h))  # here",
    "import_module": (
        "import importlib\ndef step(x, h):\n"
        "    return importlib.import_module('torch.nn.modules.rnn').LSTMCell(3, 4)(x, (h, h))  # here"
    ),
    "__import__": "def step(x, h):\n    return __import__('torch').nn.LSTMCell(3, 4)(x, (h, h))  # here",
    "other module": "import torch.nn.modules as m\ndef step(x, h):\n    return m.rnn.LSTMCell(3, 4)(x, (h, h))  # here",
    "subclass": "class Own(nn.LSTMCell):\n    pass\ndef step(x, h):\n    return Own(3, 4)(x, (h, h))  # here",
    "super": (
        "class Own(nn.LSTMCell):\n    def forward(self, x, s): return super().forward(x, s)  # here\n"
        "def step(x, h): return Own(3, 4)(x, (h, h))"
    ),
    "unbound forward": "def step(x, h):\n    return nn.LSTMCell.forward(nn.LSTMCell(3, 4), x, (h, h))  # here",
    "subclasses": (
        "def step(x, h):\n    kind = [k for k in nn.RNNCellBase.__subclasses__() if 'LSTM' in k.__name__][0]\n"
        "    return kind(3, 4)(x, (h, h))  # here"
    ),
    "kept from before": (
        "import torch._VF as v\nkernel = v.lstm_cell\ndef step(x, h):\n    return kernel(" + CELL_ARGS + ")  # here"
    ),
    "reloaded": (
        "import importlib, torch.nn.modules.rnn as r\nr = importlib.reload(r)\ndef step(x, h):\n"
        "    return r.LSTMCell(3, 4)(x, (h, h))  # here"
    ),
    "quantization table": (
        "import sys, torch.ao.quantization\nq = sys.modules['torch.ao.quantization.quantize']\n"
        "table = q.get_default_custom_config_dict()['float_to_observed_custom_module_class']\n"
        "def step(x, h):\n    return table[nn.LSTM](3, 4)(x[None], (h[None], h[None]))  # here"
    ),
    "scripted": (
        "f = torch.jit.CompilationUnit('def f(x, h, w, u, b):\\n  return torch.lstm_cell(x, [h, h], w, u, b, b)\\n').f\n"
        "def step(x, h):\n    return f(x, h, torch.zeros(16, 3), torch.zeros(16, 4), torch.zeros(16))  # here"
    ),
    "eval": "def step(x, h):\n    return eval('nn.LSTMCell(3, 4)(x, (h, h))', globals(), locals())  # here",
    "no_grad": "def step(x, h):\n    with torch.no_grad(): return nn.LSTMCell(3, 4)(x, (h, h))  # here",
    "inference_mode": "def step(x, h):\n    with torch.inference_mode(): return nn.LSTMCell(3, 4)(x, (h, h))  # here",
    "double": "def step(x, h):\n    return nn.LSTMCell(3, 4).double()(x.double(), (h.double(), h.double()))  # here",
    "vmap": (
        "cell = nn.LSTMCell(3, 4)\ndef step(x, h):\n"
        "    return torch.func.vmap(lambda a, b: cell(a[None], (b[None], b[None])))(x, h)  # here"
    ),
    "functional_call": (
        "cell = nn.LSTMCell(3, 4)\ndef step(x, h):\n"
        "    return torch.func.functional_call(cell, dict(cell.named_parameters()), (x, (h, h)))  # here"
    ),
    "swallowed": (
        "def step(x, h):\n    try:\n        return nn.LSTMCell(3, 4)(x, (h, h))  # here\n"
        "    except Exception:\n        return h, h"
    ),
    "thread": (
        "from concurrent.futures import ThreadPoolExecutor\ndef step(x, h):\n"
        "    return ThreadPoolExecutor(1).submit(nn.LSTMCell(3, 4), x, (h, h)).result()  # here"
    ),
    "quantizable": (
        "import torch.ao.nn.quantizable as q\ndef step(x, h):\n    return q.LSTMCell(3, 4)(x, (h, h))  # here"
    ),
    "quantizable late": (
        "def step(x, h):\n    import importlib\n"
        "    return importlib.import_module('torch.ao.nn.' + 'quantizable').LSTMCell(3, 4)(x, (h, h))  # here"
    ),
    "rnn_tanh": ("def step(x, h):\n    return torch.rnn_tanh_cell(x, h, torch.zeros(4, 3), torch.zeros(4, 4))  # here"),
}


def hand_in(far, text, definitions=("step",)):
    source = Source(
        files={"work.py": (HEAD + text).encode()}, module="work", banned_names=BAN.names,
        banned_operators=BAN.operators, banned_modules=BAN.modules, definitions=definitions,
    )  # fmt: skip
    session = Session(far, source, Limits(seconds=10))
    return session, session.load()


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_the_kernel(far, way):
    """Found by reading or stopped when it is called; the message names the line."""
    text = WAYS[way]
    session, offences = hand_in(far, text)
    if not offences:
        import torch

        with pytest.raises(BannedUse) as caught:
            Student(session).step(torch.ones(2, 3), torch.ones(2, 4))
        offences = [caught.value.offence]
    session.close()
    lines = (HEAD + text).splitlines()
    assert lines[offences[0].line - 1].endswith("# here") or "import" in lines[offences[0].line - 1]


def test_a_child_process_has_no_kernel_either(far):
    """A fork of the student's process is without the kernels too, and no new program can be started."""
    import torch

    text = textwrap.dedent("""
        import os, subprocess, sys

        def step(x, h):
            reading, writing = os.pipe()
            if os.fork() == 0:
                try:
                    nn.LSTMCell(3, 4)(x, (h, h))
                    os.write(writing, b"ran")
                except Exception:
                    os.write(writing, b"refused")
                os._exit(0)
            return os.read(reading, 100).decode()

        def program():
            subprocess.run([sys.executable, "-c", "import torch"], check=True)
    """)
    session, offences = hand_in(far, text.replace("nn.LSTMCell(3, 4)(x", "vars(nn)['LSTMCell'](3, 4)(x"))
    assert not offences
    assert Student(session).step(torch.ones(2, 3), torch.ones(2, 4)) == "refused"
    with pytest.raises(StudentError):
        Student(session).program()
    session.close()


@pytest.mark.parametrize(
    "text",
    [
        "# like nn.LSTMCell(3, 4)\ndef step(x, h):\n    '''Not torch.lstm_cell(x).'''\n    return h, h",
        "def step(x, h): return h, h\nif __name__ == '__main__':\n    print(nn.LSTM(3, 4)(torch.ones(5, 2, 3)))",
        "def step(x, h): return h, h\ndef check():\n    return torch.lstm_cell(1, 2)",
        "from torch.nn import LSTM, GRU\ndef step(x, h: 'nn.LSTM'): return h, h",
        "def step(x, h):\n    assert not isinstance(h, nn.LSTM)\n    return h, h",
        "def step(x, h):\n    start = nn.LSTMCell(3, 4).weight_ih  # its values only\n    return h, h + 0 * start.sum()",
        "class LSTM(nn.Module):\n    def forward(self, x): return x\ndef step(x, h): return LSTM()(h), h",
        "class M(nn.Module):\n    def lstm(self, x): return x\ndef step(x, h): return M().lstm(h), h",
        "def lstm_cell(x): return x\ndef step(x, h): return lstm_cell(h), h",
    ],
)
def test_what_is_no_offence(far, text):
    """Comments, docstrings, annotations, unused imports and helpers, one's own names, code under the main guard."""
    import torch

    session, offences = hand_in(far, text)
    assert not offences
    h = torch.ones(2, 4)
    assert torch.equal(Student(session).step(torch.ones(2, 3), h)[0], h)
    session.close()


def test_a_ban_at_import(far):
    """A kernel that runs while the module is imported is an offence as well."""
    try:
        session, offences = hand_in(
            far, "out = vars(nn)['LSTMCell'](3, 4)(torch.ones(2, 3))\ndef step(x, h): return h, h"
        )
    except FailedToLoad:
        pytest.fail("told as a failure to load")
    session.close()
    assert offences
    assert offences[0].line == 3


@pytest.mark.parametrize(
    ("text", "offends"),
    [
        ("def stepp(x, h): return nn.LSTMCell(3, 4)(x, h)", False),  # misspelt: what it may not use is not the news
        ("def other(x, h): return nn.LSTMCell(3, 4)(x, h)\nstep = other", True),
        ("def other(x, h): return nn.LSTMCell(3, 4)(x, h)\nglobals()['step'] = other", True),
        ("nn.LSTMCell(3, 4)(1, 2)", True),
    ],
)
def test_without_the_definition_only_what_can_run_counts(text, offends):
    """Where the definition of an exercise is not there under its name, its ban is about nothing else in the file."""
    from grader.sandbox.far.reading import read

    found, _ = read({"work.py": (HEAD + text).encode()}, "work", "work.py", ["torch.nn.LSTMCell"], ["step"])
    assert bool(found.offences) is offends


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"import torch.nn as q\ndef f(): return q.LSTM(3, 4)(0)", 2),
        ("import torch.nn as q\ndef f(): return q.\uff2c\uff33\uff34\uff2d(3, 4)(0)".encode(), 2),
        (b"import torch\ndef f(): return getattr(torch.nn, 'LS' 'TM')(3, 4)(0)", 2),
        (b"# coding: utf-7\nimport torch.nn as q\ndef f(): return q.+AEwAUwBUAE0-(3, 4)(0)", 3),
        (b"import torch.nn as q\ndef f(): return q.Linear(3, 4)(0)  # no LSTM", 0),
        (b"import torch\ndef f():\n    'How an LSTM forgets, cannot be told.'", 0),
    ],
)
def test_a_text_is_read_where_a_banned_name_may_be_spelled(text, line):
    """By its words alone it is decided whether to read it; that never leaves a name out."""
    found, code = reading.read({"f.py": text}, "f", "f.py", BAN.names, ["f"])
    assert [offence.line for offence in found.offences] == [line] * (line > 0)
    assert code is not None
