"""The subcommands of ``zhangban``, one module each."""
