"""Neural building blocks shared by codec and speech model: norms, rotary positions, causal convolution, attention.

Modules hold weights only; whatever a stream remembers is a value that is passed in and returned.
Imports torch alone.
"""

from engine.layers.attention import AttentionCache, CausalSelfAttention, TransformerBlock
from engine.layers.convolution import CausalDepthwise, ConvNeXtBlock
from engine.layers.norm import RMSNorm, SwiGLU
from engine.layers.rotary import rotary_angles, rotate

__all__ = [
    "AttentionCache",
    "CausalDepthwise",
    "CausalSelfAttention",
    "ConvNeXtBlock",
    "RMSNorm",
    "SwiGLU",
    "TransformerBlock",
    "rotary_angles",
    "rotate",
]
