"""What one document means: resources, workloads, selectors, quantities, images."""
