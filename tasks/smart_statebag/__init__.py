"""The Lambda functions of the Smart StateBag; nothing here imports the engine."""
