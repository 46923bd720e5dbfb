"""Builds the open hand that ships with the program."""
