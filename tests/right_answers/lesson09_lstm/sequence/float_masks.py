"""Reads on through the padding and picks afterwards; both weights joined into one matrix; lists of states; a warning."""
import torch, warnings
from torch import nn
import torch.nn.functional as F

class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        warnings.warn("hello")
        s = 1.0 / hidden_size ** 0.5
        mk = lambda *shape: nn.Parameter((torch.rand(*shape) - 0.5) * 2 * s)
        self.weight_ih_l0 = mk(4 * hidden_size, input_size)
        self.weight_hh_l0 = mk(4 * hidden_size, hidden_size)
        self.bias_ih_l0 = mk(4 * hidden_size)
        self.bias_hh_l0 = mk(4 * hidden_size)

    def forward(self, x, state=None, lengths=None):
        B, T, I = x.shape
        H = self.weight_hh_l0.shape[1]
        if lengths is not None:
            mask = torch.arange(T).expand(B, T) < lengths.unsqueeze(1)
            x = x * mask.unsqueeze(-1)
        if state is None:
            state = (torch.zeros((1, B, H), dtype=x.dtype), torch.zeros((1, B, H), dtype=x.dtype))
        (h,), (c,) = state
        hs = [h]; cs = [c]
        W = torch.cat([self.weight_ih_l0, self.weight_hh_l0], dim=1)
        for t in range(T):
            z = F.linear(torch.cat([x[:, t], hs[-1]], dim=1), W, self.bias_ih_l0 + self.bias_hh_l0)
            i, f, g, o = z.tensor_split(4, dim=1)
            cs.append(F.sigmoid(f) * cs[-1] + F.sigmoid(i) * F.tanh(g))
            hs.append(F.sigmoid(o) * F.tanh(cs[-1]))
        H_all, C_all = torch.stack(hs[1:], dim=1), torch.stack(cs[1:], dim=1)
        if lengths is None:
            lengths = torch.full((B,), T, dtype=torch.long)
            mask = torch.ones(B, T, dtype=torch.bool)
        return H_all * mask.unsqueeze(-1).type_as(x), (last_output(H_all, lengths).unsqueeze(0), last_output(C_all, lengths).unsqueeze(0))

def last_output(output, lengths):
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, output.size(2))
    return output.gather(1, index).squeeze(1)
