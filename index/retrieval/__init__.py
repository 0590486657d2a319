"""Which passages rank first: the open archive, lexical and dense ranking, filters, fusion."""
