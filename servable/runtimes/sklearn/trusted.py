"""The types a `.skops` file may name, beyond those that skops trusts by itself.

The list belongs to the platform and never comes from the file (GHSA-w582-9x45-8mpx shows why). It was made by fitting
and dumping every estimator of scikit-learn and reading each name: data holders and pure functions only, spelled out in
full. A prefix such as `numpy.` would let in functions that run text as code.
"""

_LOSSES = (
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn._loss.loss.HalfMultinomialLoss",
)

_KERNELS = tuple(
    f"sklearn.gaussian_process.kernels.{name}"
    for name in (
        "CompoundKernel",
        "ConstantKernel",
        "DotProduct",
        "ExpSineSquared",
        "Exponentiation",
        "Matern",
        "PairwiseKernel",
        "Product",
        "RBF",
        "RationalQuadratic",
        "Sum",
        "WhiteKernel",
    )
)

_DISTANCES = tuple(
    f"sklearn.metrics._dist_metrics.{name}Distance{bits}"
    for name in (
        "BrayCurtis",
        "Canberra",
        "Chebyshev",
        "Dice",
        "Euclidean",
        "Hamming",
        "Haversine",
        "Jaccard",
        "Mahalanobis",
        "Manhattan",
        "Minkowski",
        "RogersTanimoto",
        "RussellRao",
        "SEuclidean",
        "SokalSneath",
    )
    for bits in (32, 64)
)

_SCORES = tuple(
    f"sklearn.feature_selection._univariate_selection.{name}"
    for name in ("chi2", "f_classif", "f_oneway", "f_regression", "r_regression")
)

_SPLITTERS = tuple(
    f"sklearn.model_selection._split.{name}"
    for name in (
        "GroupKFold",
        "GroupShuffleSplit",
        "KFold",
        "LeaveOneOut",
        "PredefinedSplit",
        "RepeatedKFold",
        "RepeatedStratifiedKFold",
        "ShuffleSplit",
        "StratifiedGroupKFold",
        "StratifiedKFold",
        "StratifiedShuffleSplit",
    )
)

_METRICS = tuple(
    f"sklearn.metrics.{name}"
    for name in (
        "_classification.accuracy_score",
        "_classification.balanced_accuracy_score",
        "_classification.brier_score_loss",
        "_classification.f1_score",
        "_classification.jaccard_score",
        "_classification.log_loss",
        "_classification.matthews_corrcoef",
        "_classification.precision_score",
        "_classification.recall_score",
        "_ranking.average_precision_score",
        "_ranking.roc_auc_score",
        "_regression.explained_variance_score",
        "_regression.max_error",
        "_regression.mean_absolute_error",
        "_regression.mean_absolute_percentage_error",
        "_regression.mean_gamma_deviance",
        "_regression.mean_poisson_deviance",
        "_regression.mean_squared_error",
        "_regression.mean_squared_log_error",
        "_regression.median_absolute_error",
        "_regression.r2_score",
        "_regression.root_mean_squared_error",
        "_regression.root_mean_squared_log_error",
        "_scorer._CurveScorer",
        "_scorer._PassthroughScorer",
        "_scorer._Scorer",
    )
)

TRUSTED_TYPES = [
    "functools.partial",  # its function must be trusted as well
    "numpy.dtype",
    "numpy.exp",
    "numpy.expm1",
    "numpy.log",
    "numpy.log1p",
    "numpy.log2",
    "numpy.mean",
    "numpy.sqrt",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "scipy.interpolate._bsplines.BSpline",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.cluster._bisect_k_means._BisectingTree",
    "sklearn.cluster._kmeans._kmeans_single_elkan",
    "sklearn.cluster._kmeans._kmeans_single_lloyd",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._mutual_info.mutual_info_regression",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
    "sklearn.utils.validation.check_array",
    *_LOSSES,
    *_KERNELS,
    *_DISTANCES,
    *_SCORES,
    *_SPLITTERS,
    *_METRICS,
]
