"""Drawings of definitions: the graph, its layout, and its forms as SVG and Mermaid."""
