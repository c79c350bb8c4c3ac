"""The page that a newcomer sees in the terminal when the hub is ready."""

from hub.bootstrap import public_url
from hub.config import Config
from hub.demo.seed_agents import DEMO_LOGINS


def welcome(config: Config) -> str:
    """What to open, and with which login."""
    url = public_url(config)
    lines = ["", f"  Rapport is ready for {config.company.name}.", ""]
    if not config.demo.enabled:
        return "\n".join([*lines, f"  Console      {url}/", ""])
    ways = "start a chat, send an SMS or a mail" + (", or call" if config.demo.phone is not None else "")
    lines += [
        f"  1. Console   {url}/        log in as mia with password {DEMO_LOGINS[0].password}",
        "               and choose Available at the top right",
        f"  2. Customer  {url}/demo    in another window: {ways}",
        "  3. The offer rings on the console: accept it, answer, end, wrap up.",
        "",
        "  Logins (password for all: " + DEMO_LOGINS[0].password + ")",
    ]
    for login in DEMO_LOGINS:
        roles = ", ".join(login.roles)
        lines.append(f"    {login.username:8} {roles:12} {login.about['en']}")
    lines += ["", f"  Supervisor   {url}/supervisor", "  Stop         Ctrl-C", ""]
    return "\n".join(lines)
