"""From files to documents: find, recognise and read them, each in an isolated process."""
