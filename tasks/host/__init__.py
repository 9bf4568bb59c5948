"""What joins the Smart StateBag's functions to the engine of their worker."""
