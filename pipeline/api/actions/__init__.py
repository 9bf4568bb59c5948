"""What each action does; its function is named as AWS names the action."""
