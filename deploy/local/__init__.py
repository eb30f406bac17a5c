"""Your own machine as a deployment target: what stands in for Google's services there."""
