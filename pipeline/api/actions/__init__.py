"""The actions, one function each, named after AWS's actions."""
