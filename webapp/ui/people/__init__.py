"""人员与岗位: accounts, posts and agencies, and the two-person grants, for the three administrators."""
