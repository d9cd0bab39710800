"""Official documents as files: what they state goes into Word templates that an administrator can edit, and from the
text that comes out of those into print view and PDF. So all three say the same.
"""
