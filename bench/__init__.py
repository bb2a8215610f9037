"""What the product costs beside a floor that was built for nothing else, measured in the same run."""
