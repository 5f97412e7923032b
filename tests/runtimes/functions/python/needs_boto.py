import sys

# As where it is not installed: the interpreter of the tests may have it.
sys.modules["boto3"] = None
import boto3.session
