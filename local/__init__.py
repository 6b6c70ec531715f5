"""The local cloud: the emulator's plugin (`local_cloud`), what stands in front of it (`edge`), what runs it (`machine`)."""
