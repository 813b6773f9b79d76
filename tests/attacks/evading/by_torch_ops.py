"""Aim: call the operator itself, by overload and through the dispatch keys.
At most: 0 points of cell.
"""

import torch

packet = getattr(torch.ops.aten, "lstm" + "_cell")


def lstm_step(x, state, *weights):
    for call in (
        lambda: packet(x, list(state), *weights),
        lambda: packet.default(x, list(state), *weights),
        lambda: packet.default._op(x, list(state), *weights),
        lambda: packet.default._op_dk(torch._C.DispatchKey.CompositeImplicitAutograd, x, list(state), *weights),
        lambda: packet.default._op_dk(torch._C.DispatchKey.CPU, x, list(state), *weights),
        lambda: packet.default.redispatch(torch._C.DispatchKeySet(torch._C.DispatchKey.AutogradCPU), x, list(state), *weights),
        lambda: packet.default.decompose(x, list(state), *weights),
    ):
        try:
            return call()
        except Exception:
            pass
    return state
