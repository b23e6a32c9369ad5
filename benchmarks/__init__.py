"""How fast the directory is: invented ones of four sizes, served as in production and measured."""
