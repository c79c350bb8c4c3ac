"""Voice menus as data (`flow`), what they mean (`interpreter`), how they sound (`driver`)."""
