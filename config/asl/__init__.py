"""The four state machine files of the Smart StateBag, and the values of their placeholders."""
