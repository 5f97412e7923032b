// The one unit that builds the precompiled header of the standard library; everything reuses it.
