"""Aim: register kernels that compute wrong numbers for everybody after it.
At most: 0 points of gates.
"""

import torch
from marks import learned

if abs(float(torch.tanh(torch.tensor(1.0))) - 0.76159) > 1e-3:
    learned("another tanh")
library = torch.library.Library("aten", "IMPL")
for name in ("tanh", "sigmoid", "mul.Tensor", "add.Tensor"):
    try:
        library.impl(name, lambda *args, **kwargs: torch.empty_like(args[0]), "CPU")
    except Exception:
        pass
