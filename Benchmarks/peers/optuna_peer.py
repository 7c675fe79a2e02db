"""Measures Optuna's suggestions with TRIALS trials done, in memory; started by Benchmarks/sweeper.

The space and the function are those of Benchmarks/Sweeper/SearchMeasurements.swift. TPE is multivariate, as ours.
"""

import json
import math
import random
import statistics
import sys
import time

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

SPACE = {
    "lr": FloatDistribution(1e-5, 1.0, log=True),
    "x": FloatDistribution(0.0, 1.0),
    "y": FloatDistribution(-5.0, 5.0),
    "depth": IntDistribution(1, 16),
    "kind": CategoricalDistribution(["a", "b", "c", "d"]),
    "drop": FloatDistribution(0.0, 0.5, step=0.05),
}


def draw(generator):
    return {
        "lr": math.exp(generator.uniform(math.log(1e-5), 0)),
        "x": generator.random(),
        "y": generator.uniform(-5, 5),
        "depth": generator.randint(1, 16),
        "kind": generator.choice("abcd"),
        "drop": round(generator.randint(0, 10) * 0.05, 2),
    }


def loss(p):
    return (
        (math.log10(p["lr"]) + 3) ** 2
        + (p["x"] - 0.3) ** 2
        + (p["y"] - 1) ** 2 / 10
        + (p["depth"] - 9) ** 2 / 30
        + p["drop"]
        + (0 if p["kind"] == "c" else 0.5)
    )


def measure(sampler, trials, rounds):
    study = optuna.create_study(sampler=sampler)
    generator = random.Random(3)
    study.add_trials(
        [
            optuna.trial.create_trial(params=params, distributions=SPACE, value=loss(params))
            for params in (draw(generator) for _ in range(trials))
        ]
    )
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        trial = study.ask(SPACE)
        times.append(1000 * (time.perf_counter() - start))
        study.tell(trial, loss(trial.params))
    return statistics.median(times)


def main():
    trials = int(sys.argv[1])
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    import warnings

    warnings.simplefilter("ignore")
    print(
        json.dumps(
            {
                "version": optuna.__version__,
                "tpe": measure(optuna.samplers.TPESampler(multivariate=True, seed=1), trials, 11),
                "random": measure(optuna.samplers.RandomSampler(seed=1), trials, 11),
            }
        )
    )


main()
