"""Live streams: clocks that replay a store, a hub that shares what they give, ids that resume it."""

from bessline.live.gate import Gate
from bessline.live.player import Figures, Player
from bessline.live.seat import Pace, Seat

__all__ = ["Figures", "Gate", "Pace", "Player", "Seat"]
