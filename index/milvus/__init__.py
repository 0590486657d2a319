"""Experimental: searching an archive on a Milvus server instead of in local files."""
