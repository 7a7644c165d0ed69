"""What tests of enforcement points share."""
