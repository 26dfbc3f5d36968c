"""Pure rules of reading tables: field definitions, header recognition, values. No file, no database, no clock."""
