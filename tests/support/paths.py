"""The checkout, and the folder of real material beside it, which may be missing."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
