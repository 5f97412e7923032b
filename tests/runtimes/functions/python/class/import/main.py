def handler(event, context): return "from a directory named as a keyword"
