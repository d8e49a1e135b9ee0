"""The sample register as package data: nine businesses, some 1,200 assets, one blocked on purpose (mend.csv mends it).

Written by scripts/make_sample.py, never by hand; holds no code.
"""
