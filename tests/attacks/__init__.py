"""`latchstring attack`: its catalogues, fired at the product as it runs."""
