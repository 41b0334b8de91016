"""Whether a master or a worker does its part, asked of their own web pages."""

from laketop.spark.cluster.settings import EVERYWHERE, LOOPBACK, ClusterSettings, addresses
from laketop.spark.driver.cluster import fetch


def problem(role: str, master: str, sizes: ClusterSettings) -> str | None:
    """What is wrong with the master or the worker of this machine; None where it is well.

    A worker is well when the master knows it: before that no run can use it.

    Args:
        role: `master` or `worker`.
        master: the cluster's URL.
        sizes: where its page is.
    """
    here = LOOPBACK if sizes.bind in EVERYWHERE else sizes.bind
    port = sizes.master_ui_port if role == "master" else sizes.worker_ui_port
    try:
        page = fetch(here, port)
        if role == "master":
            status = page["status"]
            return None if status == "ALIVE" else f"the master is {status}, not ALIVE"
        known = fetch(addresses(master)[0][0], sizes.master_ui_port)["workers"]
    except OSError as error:
        return str(error)
    alive = any(each["id"] == page["id"] and each["state"] == "ALIVE" for each in known)
    return None if alive else f"the master at {master} does not know worker {page['id']}"
