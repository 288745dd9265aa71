"""Made pages, training and evaluation; never imported by the running desk."""
