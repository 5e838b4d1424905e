"""What was measured, as pages for people: self-contained HTML with plain SVG. No torch, no Django."""
