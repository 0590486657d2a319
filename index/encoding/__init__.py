"""From words to vectors: the encoder, its export, pooling and quantisation."""
