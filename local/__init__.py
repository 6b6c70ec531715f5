"""The local cloud: the emulator's plugin (`local_cloud`), its front (`edge`), and what runs both (`machine`)."""
