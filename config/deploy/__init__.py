"""The deployment on AWS: SAM template, parameter sets of the scenarios, artefacts of a release."""
