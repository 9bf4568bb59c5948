"""The document review: a sample workflow of the Smart StateBag, run on the v3 standard machine."""
