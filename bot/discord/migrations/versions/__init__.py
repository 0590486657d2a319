"""The migrations, each a step from one version of the tables to the next."""
