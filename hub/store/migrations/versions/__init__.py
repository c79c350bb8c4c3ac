"""One module per revision, named `NNNN_subject.py`; `down_revision` gives the order."""
