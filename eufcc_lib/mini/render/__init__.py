"""How a picture comes about: shapes, materials, light, camera."""
