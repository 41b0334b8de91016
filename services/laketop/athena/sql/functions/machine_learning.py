"""Trino's page "Machine learning functions"."""

PAGE = "Machine learning functions"

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {
    "classify": "training of models in a query",
    "evaluate_classifier_predictions": "training of models in a query",
    "features": "training of models in a query",
    "learn_classifier": "training of models in a query",
    "learn_libsvm_classifier": "training of models in a query",
    "learn_libsvm_regressor": "training of models in a query",
    "learn_regressor": "training of models in a query",
    "regress": "training of models in a query",
}
