"""The desktop app: its logic without Qt, and the real window with a scripted engine."""
