"""ONNX Runtime sessions, and the processors and accelerators they run on."""

import os
from pathlib import Path

import onnxruntime

# Execution providers that run float32 graphs faster than a CPU runs integers, best first.
_ACCELERATORS = ("CUDAExecutionProvider", "MIGraphXExecutionProvider", "DmlExecutionProvider")


def accelerator() -> str | None:
    """Return the name of the best execution provider besides the CPU, or None."""
    offered = onnxruntime.get_available_providers()
    return next((each for each in _ACCELERATORS if each in offered), None)


def cores() -> int:
    """Return the number of cores available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(graph: Path, provider: str | None = None) -> onnxruntime.InferenceSession:
    """Open a graph on an execution provider, by default the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if provider is not None:
        return onnxruntime.InferenceSession(
            str(graph), options, providers=[provider, "CPUExecutionProvider"]
        )
    # Each text runs on one thread; other threads run other texts.
    options.intra_op_num_threads = 1
    # The graph was optimised on export, which halves the loading time. Planning which tensors share
    # memory takes two thirds of the rest, and saves no time later.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_mem_reuse = False
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
