"""Cards as plain values, made by pure functions: no module here needs Discord or an archive."""
