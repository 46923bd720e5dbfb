"""What happens when something is clicked or arrives: one controller for each concern.

Each is a QObject that gets the window, the session and the settings, connects its own rows of
app/actions.py, and knows no other controller. app/controller.py makes them all.
"""
