"""The buckets that ItemReader reads and ResultWriter writes."""
