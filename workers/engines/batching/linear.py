"""Linear layers with weights laid out once for the processor (oneDNN): faster, and a row's outcome in bfloat16 does not
depend on how many rows there are."""

import torch
from torch import Tensor, nn

KINDS = (torch.bfloat16, torch.float32)


class PackedLinear(nn.Module):
    """As ``nn.Linear``."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.weight, self.bias = linear.weight, linear.bias
        self._packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)

    def forward(self, x: Tensor) -> Tensor:
        rows = in_pairs(x.reshape(-1, self.in_features))
        out: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._packed, self.bias, "none", [], "")
        return out[: x.numel() // self.in_features].view(*x.shape[:-1], self.out_features)


def in_pairs(rows: Tensor) -> Tensor:
    """``rows`` [rows, width], a single one twice: what multiplies one row alone rounds in another way."""
    return rows.expand(2, -1) if len(rows) == 1 else rows


Replaced = list[tuple[nn.Module, str, nn.Linear]]


def pack(model: nn.Module) -> Replaced:
    """Replace the linear layers of a model on a processor that oneDNN serves; gives what ``unpack`` puts back."""
    if not torch._C._has_mkldnn or next(model.parameters()).device.type != "cpu":
        return []
    replaced: Replaced = []
    for name, module in list(model.named_modules()):
        if type(module) is nn.Linear and module.weight.dtype in KINDS:
            parent, _, own = name.rpartition(".")
            replaced.append((model.get_submodule(parent), own, module))
            setattr(replaced[-1][0], own, PackedLinear(module))
    return replaced


def unpack(replaced: Replaced) -> None:
    for parent, own, module in replaced:
        setattr(parent, own, module)


def let_go(model: nn.Module) -> None:
    """Free the weights that packed layers no longer need: those that no embedding shares."""
    shared = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    for module in model.modules():
        if isinstance(module, PackedLinear) and id(module.weight) not in shared:
            module.weight = nn.Parameter(module.weight.new_empty(0), requires_grad=False)
