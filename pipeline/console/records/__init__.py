"""What the pages know of one execution: its history as visits of states."""
