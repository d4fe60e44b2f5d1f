"""Units, materials and problems given in nm, meV and K: SI units live here and at the edges."""
