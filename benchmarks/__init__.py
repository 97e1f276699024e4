"""Programs that measure the library, run from the root as ``python -m benchmarks.GROUP.PROGRAM``.

- ``reproduction``: accuracy on Office-Caltech10 and images, beside what was published
  (``office_caltech``, ``strongest``, ``reproduce``)
- ``quality.full``: every method in every library that has it (``run``, ``publish``)
- ``quality.selection``: choices without target labels (``study``, ``guard``, ``vote``, ``trust``,
  ``natural``)
- ``quality.label_shift``: proportions of classes and their intervals (``priors``), models
  corrected for them (``corrected``), and couplings that go by them (``couplings``)
- ``claims``: single claims of the pages (``few_labels``, ``selection_bias``, ``what_matters``,
  ``weighting_defaults``, ``alignment_defaults``, ``transport_defaults``, ``domain_ridges``,
  ``coverage``, ``expected_accuracy``, ``peer_checks``, ``regression``, ``shared_work``,
  ``few_label_trees``, ``few_values``, ``zero_shot``, ``kernel_widths``, ``moved_means``,
  ``right_choice``, whose problems ``granted_problems`` has)
- ``speed``: seconds as ratios to what else solves the same problem (``subspace``, ``alignment``,
  ``tjm``, ``tca``, ``kmm``, ``standing``, ``iterations``, ``searches``, ``compiled_loops``,
  ``import_time``, ``transfer_trees``, ``transport``)
- ``scale``: time and memory against rows and features (``growth``, ``nystroem``, ``streaming``)
- ``lib``: what they share; it imports none of them

``--help`` of each says what it does.
"""
