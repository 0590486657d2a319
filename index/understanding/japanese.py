from collections.abc import Sequence
from index.understanding.names import Names
def resolve(question, turns, names): return None
