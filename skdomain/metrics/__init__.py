"""How far apart two domains are, without a label of the target."""

from importlib import import_module

from skdomain.metrics._balance import BalanceFactors as BalanceFactors
from skdomain.metrics._balance import balance_factor as balance_factor
from skdomain.metrics._class_mixture import class_mixture_discrepancy, class_mixture_test
from skdomain.metrics._class_mixture import nearest_mixture as nearest_mixture
from skdomain.metrics._class_mixture import nearest_to_zero as nearest_to_zero
from skdomain.metrics._class_mixture import resampled_discrepancies as resampled_discrepancies
from skdomain.metrics._cmd import cmd
from skdomain.metrics._columns import as_columns as as_columns
from skdomain.metrics._coral_distance import coral_distance
from skdomain.metrics._discriminant import discriminant_distance as discriminant_distance
from skdomain.metrics._domain_report import domain_report
from skdomain.metrics._kernel_two_sample import mmd_test
from skdomain.metrics._linear_mmd import linear_mmd
from skdomain.metrics._mmd import mmd
from skdomain.metrics._powerful_kernels import mmd_kernel_weights
from skdomain.metrics._proxy_a_distance import proxy_a_distance
from skdomain.metrics._report_table import DomainReport
from skdomain.metrics._report_table import aligned as aligned
from skdomain.metrics._report_table import html_table as html_table
from skdomain.metrics._row_order import lexicographic_order as lexicographic_order

__all__ = [
    "DomainReport",
    "class_mixture_discrepancy",
    "class_mixture_test",
    "cmd",
    "coral_distance",
    "domain_report",
    "linear_mmd",
    "mmd",
    "mmd_kernel_weights",
    "mmd_test",
    "proxy_a_distance",
]


def __getattr__(name):
    if name == "DomainReportDisplay":  # where it was before it joined the other displays
        return import_module("skdomain.inspection").DomainReportDisplay
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
