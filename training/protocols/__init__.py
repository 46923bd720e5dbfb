"""How each data set wants hands to be judged: predictions and labels in, a dataclass out.

All take joints in OpenPose order and metres, in the camera frame; `training/datasets` brings the
data sets' own orders and units there. The rules are the same everywhere:

* A prediction with a number that is not finite is a hand that was not found. It counts in
  `missing`, lies outside every PCK threshold, scores 0 in F, and enters no mean error.
* A label that is NaN is not known and not judged. A hand whose alignment needs such a joint is not
  judged either, and counts in `unjudged`.
* Arrays that do not belong together, or that hold nothing to judge, are a TrainingError (TRN-02).
* A figure that was not measured is None.
"""
