"""Experimental: read and encode a build's files on a Ray cluster."""
