"""x"""

FIRST_QUERY = "{ me { name } }"
