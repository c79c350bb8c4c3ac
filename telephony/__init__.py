"""Voice: Asterisk over AMI and AGI behind the port in `port.py`. Knows neither routing nor storage."""
