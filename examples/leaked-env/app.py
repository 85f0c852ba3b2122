import os
import sys

if "--compile-settings" in sys.argv:
    print("settings compiled")
else:
    print("serving with a token of", len(os.environ.get("API_TOKEN", "")), "characters")
