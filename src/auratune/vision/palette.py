"""The few colours a picture is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.core.scene import Swatch
from auratune.vision import image_ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLE_EDGE_PX = 128
_STARTS = 8
_ROUNDS = 10
_SAME_COLOUR = 13.0
_SMALLEST_SHARE = 0.01
_MOST = 6


def palette_of(picture: NDArray[np.uint8]) -> tuple[Swatch, ...]:
    """One to six colours of an RGB picture, largest share first; the shares add up to 1.

    k-means in CIE Lab, begun from colours far from each other so that a small vivid spot keeps a swatch of its own;
    centres closer than 13 (a difference one sees at a glance) are joined. The same picture gives the same palette.
    """
    small = image_ops.shrink(picture, _SAMPLE_EDGE_PX)
    colours = small.reshape(-1, 3)
    points = image_ops.lab(small).reshape(-1, 3)
    centres, labels = _cluster(points, _starts(points))
    shares = np.bincount(labels, minlength=len(centres)) / len(labels)
    groups = _join(centres, shares)
    swatches = []
    for group in groups:
        members = np.isin(labels, group)
        # The median holds its colour where a mean of neighbours would turn grey.
        red, green, blue = (round(float(value)) for value in np.median(colours[members], axis=0))
        swatches.append(Swatch(red, green, blue, float(members.mean())))
    kept = sorted((swatch for swatch in swatches if swatch.share >= _SMALLEST_SHARE), key=lambda swatch: -swatch.share)
    kept = kept[:_MOST]
    whole = sum(swatch.share for swatch in kept)
    return tuple(Swatch(one.red, one.green, one.blue, round(one.share / whole, 4)) for one in kept)


def _starts(points: NDArray[np.float32]) -> NDArray[np.float32]:
    chosen = [points.mean(axis=0)]
    distance = np.full(len(points), np.inf, np.float32)
    for _ in range(_STARTS - 1):
        distance = np.minimum(distance, ((points - chosen[-1]) ** 2).sum(axis=1))
        # Not the very farthest point, which may be one stray pixel.
        reach = np.partition(distance, -max(1, len(points) // 200))[-max(1, len(points) // 200)]
        chosen.append(points[np.abs(distance - reach).argmin()])
    return np.array(chosen, np.float32)


def _cluster(points: NDArray[np.float32], centres: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    labels = np.zeros(len(points), np.intp)
    for _ in range(_ROUNDS):
        # |p - c|² without |p|², which is the same for all centres.
        labels = ((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1)
        for index in range(len(centres)):
            members = points[labels == index]
            if len(members):
                centres[index] = members.mean(axis=0)
    return centres, labels


def _join(centres: NDArray[np.float32], shares: NDArray[np.float64]) -> list[list[int]]:
    groups: list[list[int]] = []
    for index in np.argsort(-shares, kind="stable"):
        if shares[index] == 0:
            continue
        for group in groups:
            if np.linalg.norm(centres[index] - centres[group[0]]) < _SAME_COLOUR:
                group.append(int(index))
                break
        else:
            groups.append([int(index)])
    return groups
