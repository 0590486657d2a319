"""Engines past one machine: an archive's generations on a Milvus cluster, and where they are."""
