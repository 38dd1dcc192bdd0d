"""Frames from cameras, streams, clips and folders of pictures."""
