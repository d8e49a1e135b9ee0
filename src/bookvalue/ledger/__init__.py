"""Where does it go? Charges become balanced journal entries; pure."""
