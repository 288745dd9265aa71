"""From a Page to a Recording in millivolts."""
