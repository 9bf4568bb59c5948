"""Calling the functions of Task states."""
