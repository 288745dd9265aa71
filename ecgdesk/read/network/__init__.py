"""The embedded network reader: small networks over signal, average beat and measurements."""
