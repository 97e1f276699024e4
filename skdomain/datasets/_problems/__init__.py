"""Problems of domain adaptation whose truth is known and returned.

Each holds one assumption of the theory exactly: p(y | x) is shared (covariate shift), the law of
the labels' own subspace is shared, p(x | y) is shared (label shift), or the target is the source
moved by a known map.
"""
