"""How is it kept? The only importer of sqlalchemy and psycopg."""
