def check():
    raise OSError(2, "at import")


check()
