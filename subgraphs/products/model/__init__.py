"""Products' tables and all its SQL; the texts they are searched by."""
