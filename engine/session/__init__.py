"""The conversation: a pure state machine, and the thread that feeds it and carries out what it asks for."""
