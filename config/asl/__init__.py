"""The four state machine files of the Smart StateBag and what their placeholders become."""
