"""Sessions: what the camera saw and the program understood, kept in a folder `name.hands/`.

`recorder.SessionRecorder` writes one, `reader.open_session` opens one, `take.Take` is what comes
out of it for clean-up and export; `schema.md` is the format. `player.SessionPlayer` plays one with
time, speed and range (`playback`), smooths its raw hands anew (`resmoothing`) and lays another
session beside it (`compare`).
"""
