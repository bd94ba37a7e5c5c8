"""The course as a site: `make site` executes the lessons and writes pages that open from a folder.

For those whose machine lacks a tool: they see how lessons 03 and 04 ran on a machine that has it.
The pages request nothing from anywhere, so mermaid.min.js, which draws the diagrams, stands beside
this file (mermaid 11, as in JupyterLab 4.6; npm package mermaid 11.17.2, MIT license).
"""
