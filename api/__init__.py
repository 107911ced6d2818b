"""What the routers share: settings, the engine's handle, problems, paging, formats, access."""
