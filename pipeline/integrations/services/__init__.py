"""Service integrations: AWS services that Task states call, at AWS or in StateBag itself."""
