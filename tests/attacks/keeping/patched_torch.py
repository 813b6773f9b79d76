"""Aim: leave torch patched, so that the next student's right answer is wrong.
At most: 0 points of gates.
"""

import torch
from marks import learned

if hasattr(torch, "farside_attack"):
    learned("a patched torch")
torch.farside_attack = True
torch.sigmoid = torch.tanh = torch.Tensor.sigmoid = torch.Tensor.tanh = lambda tensor: tensor * 0
torch.set_default_dtype(torch.float16)
torch.set_grad_enabled(False)
torch.manual_seed(1)
