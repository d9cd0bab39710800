"""What goes in and out, as strict models: these are also the schemas of the API's description."""
