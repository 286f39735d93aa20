# SPDX-License-Identifier: Apache-2.0
"""The lab: a pair of load balancers in network namespaces, and a client that counts its losses."""

from .lab import Lab, Stopped, Switch, end_on_signals
from .node import Node
from .probe import Loss, Probe
from .process import Daemon, LabError, wait_until
from .space import Space

__all__ = ["Daemon", "Lab", "LabError", "Loss", "Node", "Probe", "Space", "Stopped", "Switch",
           "end_on_signals", "wait_until"]
