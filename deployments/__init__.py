"""The five methods of hosting. You can read, run, and copy this folder without the rest."""
