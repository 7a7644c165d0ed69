"""The causes that are known, one module each: `ID`, what it needs, and `find`."""
