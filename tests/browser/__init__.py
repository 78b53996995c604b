"""The course as a reader sees it: real JupyterLab in a real browser."""
