"""The sheet in the middle of the window: a scene in millimetres of paper."""
