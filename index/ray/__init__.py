"""Experimental: reading and encoding the files of a build on a Ray cluster."""
