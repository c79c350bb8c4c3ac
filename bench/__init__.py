"""Measurements that `make bench` prints, one JSON object a line; each file has one subject and a `main()`."""
