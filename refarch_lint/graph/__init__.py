"""What the documents mean together: edges, references, traffic and network policies."""
