"""Packs, runs step by step over the packed data with a batch that shrinks, and unpacks."""
import math
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, PackedSequence

class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        for n, s in dict(weight_ih_l0=(4*hidden_size, input_size), weight_hh_l0=(4*hidden_size, hidden_size), bias_ih_l0=(4*hidden_size,), bias_hh_l0=(4*hidden_size,)).items():
            p = nn.Parameter(torch.empty(*s)); nn.init.uniform_(p, -1/math.sqrt(hidden_size), 1/math.sqrt(hidden_size))
            setattr(self, n, p)
    def forward(self, x, state=None, lengths=None):
        B, T, _ = x.shape
        H = self.hidden_size
        if lengths is None:
            lengths = torch.full((B,), T)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        if state is None:
            h = c = x.new_zeros(B, H)
        else:
            h, c = state[0][0][packed.sorted_indices], state[1][0][packed.sorted_indices]
        start, outs = 0, []
        done_h, done_c = [], []
        for n in packed.batch_sizes.tolist():
            if n < h.shape[0]:
                done_h.append(h[n:]); done_c.append(c[n:])
                h, c = h[:n], c[:n]
            x_t = packed.data[start:start + n]; start += n
            z = torch.nn.functional.linear(x_t, self.weight_ih_l0, self.bias_ih_l0) + torch.nn.functional.linear(h, self.weight_hh_l0, self.bias_hh_l0)
            i, f, g, o = torch.split(z, H, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outs.append(h)
        done_h.append(h); done_c.append(c)
        h_n, c_n = torch.cat(done_h[::-1]), torch.cat(done_c[::-1])
        h_n, c_n = h_n[packed.unsorted_indices], c_n[packed.unsorted_indices]
        out = PackedSequence(torch.cat(outs), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        output, _ = pad_packed_sequence(out, batch_first=True, total_length=T)
        return output, (h_n.unsqueeze(0), c_n.unsqueeze(0))

def last_output(output, lengths):
    rows = []
    for b, n in enumerate(lengths.tolist()):
        rows.append(output[b, n - 1])
    return torch.stack(rows)
