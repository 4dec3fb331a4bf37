"""The dialogs: options, check run, walkers, programs, discovery."""
