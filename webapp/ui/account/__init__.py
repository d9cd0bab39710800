"""我的设置: one's own language, password, second factor, devices and tokens."""
