"""Solid forms as triangle meshes: turned, swept, boxed, flattened.

Every form is a grid of points folded into space, so that one function computes the
normals and the faces of all of them. Units: an object is about 1 high or wide; z points
up and the ground is z = 0. Forms only; what they are made of is in `materials.py`.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from .curves import smooth_through


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with smooth normals and texture coordinates.

    Attributes:
        points, normals: float32 (V, 3).
        uv: float32 (V, 2), u across and v along the grain, in units of length.
        faces: int32 (F, 3), positions in `points`.
        slot: int32 (F,), which of the object's materials a triangle is made of.
    """

    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    slot: np.ndarray

    def of(self, slot: int) -> "Mesh":
        """The same form made of another of the object's materials (0 is the main one)."""
        return replace(self, slot=np.full(len(self.faces), slot, np.int32))

    def moved(self, x=0.0, y=0.0, z=0.0) -> "Mesh":
        return replace(self, points=self.points + np.float32([x, y, z]))

    def scaled(self, x=1.0, y=None, z=None) -> "Mesh":
        """Stretch about the origin; one number scales all three directions."""
        factors = np.float32([x, x if y is None else y, x if z is None else z])
        normals = self.normals / factors
        return replace(self, points=self.points * factors, normals=_unit(normals))

    def turned(self, axis: str, degrees: float) -> "Mesh":
        """Turn about the x, y or z axis, anticlockwise when the axis points at the viewer."""
        matrix = rotation(axis, degrees)
        return replace(self, points=turned(self.points, matrix), normals=turned(self.normals, matrix))

    def bent(self, move) -> "Mesh":
        """Move every point by `move(points) -> points`, then compute the normals anew."""
        points = np.asarray(move(self.points), np.float32)
        corners = points[self.faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.zeros_like(points)
        for corner in range(3):
            np.add.at(normals, self.faces[:, corner], across)
        return replace(self, points=points, normals=_unit(normals))


def rotation(axis: str, degrees: float) -> np.ndarray:
    """float32 (3, 3) rotation about one axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3, dtype=np.float32)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def join(meshes) -> Mesh:
    """Several forms as one."""
    meshes = list(meshes)
    offsets = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
    return Mesh(
        *(np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in ("points", "normals", "uv")),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets)]).astype(np.int32),
        np.concatenate([mesh.slot for mesh in meshes]),
    )


def turned(vectors: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Every row of float32 (V, 3) multiplied by a float32 matrix (3, 3)."""
    x, y, z = vectors.T
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in matrix], axis=1)


def sheet(points: np.ndarray, uv: np.ndarray | None = None) -> Mesh:
    """A grid of points (m, n, 3) as a surface; a repeated row or column is a sharp edge."""
    points = np.ascontiguousarray(points, np.float32)
    rows, columns = points.shape[:2]
    normals, steps, filled = _fold(points)
    # Where a row shrinks to a point its normals vanish: take the mean of the nearest row that has some.
    if not filled[0]:
        normals[0] = _unit(normals[np.argmax(filled)].mean(axis=0))
    if not filled[-1]:
        normals[-1] = _unit(normals[rows - 1 - np.argmax(filled[::-1])].mean(axis=0))
    uv = steps if uv is None else np.float32(uv)
    faces = _grid_faces(rows, columns)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces, np.zeros(len(faces), np.int32))


@cache
def _grid_faces(rows: int, columns: int) -> np.ndarray:
    corner = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1])
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])


def _fold(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grid of points: its unit normals (m, n, 3), texture coordinates (m, n, 2) that measure lengths on it, and
    which of its rows (m,) have normals at all."""
    rows, columns = points.shape[:2]
    i, j = np.arange(rows), np.arange(columns)
    above, below = np.maximum(i - 1, 0), np.minimum(i + 1, rows - 1)
    left, right = np.maximum(j - 1, 0), np.minimum(j + 1, columns - 1)
    across = np.cumsum(_lengths(points - points[:, left]).max(axis=0), dtype=float)
    along = np.cumsum(np.cumsum(_lengths(points - points[above]), axis=1, dtype=float)[:, -1] / columns)
    if (abs(points[:, 0] - points[:, -1]) < 1e-5).all():  # closed to a ring
        left[0], right[-1] = columns - 2, 1
    normals = np.cross(points[:, right] - points[:, left], points[below] - points[above])
    length = _lengths(normals).astype(float)
    share = np.divide(1, length, out=np.zeros_like(length), where=length > 1e-9)
    uv = np.stack(np.broadcast_arrays(across, along[:, None]), axis=-1)
    return np.float32(normals * share[..., None]), np.float32(uv), (length > 1e-9).any(axis=1)


def _lengths(vectors: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.sqrt(x * x + y * y + z * z)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(_lengths(vectors), 1e-9)[..., None]


def curve(points, samples: int = 40) -> np.ndarray:
    """A smooth line through points (n, d), float (samples or a few more, d).

    A point written twice is a corner: the line is smooth on either side of it only.
    """
    points = np.asarray(points, float)
    repeated = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    total = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    pieces = []
    for run in np.split(points, repeated):
        if len(run) == 1:
            continue
        steps = np.append(0, np.linalg.norm(np.diff(run, axis=0), axis=1).cumsum())
        count = max(2 if len(run) == 2 else 5, round(samples * steps[-1] / total))
        at = np.linspace(0, steps[-1], count)
        pieces.append(PchipInterpolator(steps, run)(at) if len(run) > 2 else
                      run[0] + at[:, None] / max(steps[-1], 1e-9) * (run[1] - run[0]))
    return np.concatenate(pieces)


def circle(sections: int = 40) -> np.ndarray:
    """Unit circle (sections + 1, 2), closed."""
    angle = np.linspace(0, 2 * np.pi, sections + 1)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def turn(profile, wall: float = 0.0, sections: int = 40, samples: int = 40, lobes=None, flat: bool = False) -> Mesh:
    """A solid of revolution: the potter's wheel and the lathe.

    Args:
        profile: (r, z) points from the bottom upwards; written twice they are corners.
        wall: thickness of the wall of an open vessel, whose inside is made too; 0 for a solid.
        lobes: (count, depth) of flutes around it.
        flat: texture coordinates are x and y, for tops and discs; else round the axis and along the profile.
    """
    line = curve(profile, samples)
    if wall:
        floor = line[:, 1].min() + wall
        inside = np.stack([np.maximum(line[:, 0] - wall, 0), line[:, 1]], axis=1)[::-1]
        inside = inside[inside[:, 1] >= floor]
        bottom = np.array([[0.0, max(floor, inside[-1, 1])]])
        line = np.concatenate([line, line[-1:], inside[:1], inside, bottom])
    radius = np.maximum(line[:, 0], 0)[:, None]
    ring = circle(sections)
    if lobes:
        angle = np.linspace(0, 2 * np.pi, sections + 1)
        radius = radius * (1 + lobes[1] * np.cos(lobes[0] * angle))
    points = np.stack([radius * ring[:, 0], radius * ring[:, 1], np.broadcast_to(line[:, 1:], (len(line), len(ring)))], 2)
    reach = max(line[:, 0].max(), 1e-6)
    steps = np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())
    uv = np.stack(np.meshgrid(np.linspace(0, 2 * np.pi * reach, sections + 1), steps), axis=2)
    return sheet(points, points[..., :2] if flat else uv)


def sweep(path, radius, sections: int = 12, samples: int = 24, flat: float = 1.0, smooth=True) -> Mesh:
    """A round bar along a line in space; `radius` is a number or one for each point of the path.

    Args:
        path: (n, 3) points.
        flat: width across the bar's second direction, as a share of the first; below 1 a strap.
    """
    path = np.asarray(path, float)
    radius = np.array(np.broadcast_to(radius, len(path)), float)
    if smooth and len(path) > 2:
        steps = np.append(0, np.linalg.norm(np.diff(path, axis=0), axis=1).cumsum())
        at = np.linspace(0, steps[-1], samples)
        path, radius = smooth_through(steps, path, at), PchipInterpolator(steps, radius)(at)
    reference = np.eye(3)[np.argmin(path.max(axis=0) - path.min(axis=0))]
    return sheet(_tube(path, radius, reference, circle(sections), flat))


def _tube(centre, radius, reference, ring, flat):
    """Rings (m + 4, n, 3) round a line (m, 3), closed at both ends; `reference` is a direction it does not take."""
    at = np.arange(len(centre))
    axis = _unit(centre[np.minimum(at + 1, at[-1])] - centre[np.maximum(at - 1, 0)])
    first = _unit(np.cross(axis, reference))
    second = np.cross(axis, first)
    rings = (centre[:, None] + (radius * flat)[:, None, None] * ring[:, :1] * second[:, None]
             + radius[:, None, None] * ring[:, 1:] * first[:, None])
    ends = np.broadcast_to(centre[[0, -1], None, None], (2, 1, *rings.shape[1:]))
    return np.float32(np.concatenate([ends[0], rings[:1], rings, rings[-1:], ends[1]]))


def loft(stations, sections: int = 32, samples: int = 32, square: float = 2.0, push=None, ends=True) -> Mesh:
    """A body through oval cross-sections at rising heights.

    Args:
        stations: rows (z, half width in x, half depth in y[, centre x[, centre y]]).
        square: 2 is an ellipse, 4 and more a box with round corners, 1 a lozenge.
        push: function (angle, share of the height) -> factor on the radius, for folds and features;
            the angle is 0 at +x and -pi/2 towards the viewer (-y).
        ends: close top and bottom.
    """
    stations = np.array([tuple(row) + (0,) * (5 - len(row)) for row in stations], float)
    line = curve(stations, samples)
    angle = np.linspace(0, 2 * np.pi, sections + 1)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    ring = np.sign(ring) * np.abs(ring) ** (2 / square)
    share = np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())
    share /= share[-1]
    factor = 1.0 if push is None else push(angle[None, :], share[:, None])
    factor = np.broadcast_to(factor, (len(line), sections + 1))
    points = np.stack([line[:, 3:4] + line[:, 1:2] * factor * ring[:, 0],
                       line[:, 4:5] + line[:, 2:3] * factor * ring[:, 1],
                       np.broadcast_to(line[:, :1], factor.shape)], axis=2)
    if ends:
        cap = [points[:1].mean(axis=1, keepdims=True) + 0 * points[:1], points[:1]]
        top = [points[-1:], points[-1:].mean(axis=1, keepdims=True) + 0 * points[-1:]]
        points = np.concatenate(cap + [points] + top)
    return sheet(points)


@cache
def _box_template():
    """A box's 6 x 16 points as (sign, inset in bevels) per coordinate, its normals, grid places and faces.

    Each side is a grid of 4 x 4: the inner square is flat, the rim leans outwards by less than the corner.
    """
    grid = np.array([-1, -1, 1, 1]), np.array([0, 1, 1, 0])
    signs, insets, normals, axes, faces = [], [], [], [], []
    corner = np.arange(16, dtype=np.int32).reshape(4, 4)
    quads = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], -1).reshape(-1, 4)
    for axis in range(3):
        first, second = [a for a in range(3) if a != axis]
        for side in (-1, 1):
            i, j = (index.reshape(-1) for index in np.mgrid[0:4, 0:4])
            sign, inset, lean = np.zeros((16, 3)), np.zeros((16, 3)), np.zeros((16, 3))
            rim = ((i % 3 == 0) | (j % 3 == 0)).astype(float)
            for a, index in ((first, j), (second, i)):
                sign[:, a], inset[:, a] = grid[0][index], grid[1][index]
                lean[:, a] = np.where(index % 3 == 0, grid[0][index], 0)
            sign[:, axis], inset[:, axis] = side, 0.6 * rim
            lean = 0.8 * lean
            lean[:, axis] = side
            faces.append(np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]) + 16 * len(signs))
            signs.append(sign)
            insets.append(inset)
            normals.append(_unit(lean))
            axes.append(np.tile([first, second, axis], (16, 1)))
    return tuple(np.ascontiguousarray(np.concatenate(part)) for part in (signs, insets, normals, axes, faces))


def box(width, depth, height, bevel: float = 0.02) -> Mesh:
    """A box standing on the ground with softened edges; the grain runs along its longest side."""
    size = np.array([width, depth, height], float)
    bevel = min(bevel, 0.45 * size.min())
    signs, insets, normals, axes, faces = _box_template()
    points = signs * (size / 2 - insets * bevel)
    rows = np.arange(len(points))
    longer = size[axes[:, 0]] > size[axes[:, 1]]
    u = points[rows, np.where(longer, axes[:, 1], axes[:, 0])]
    v = points[rows, np.where(longer, axes[:, 0], axes[:, 1])]
    uv = np.stack([u, v + 0.37 * axes[:, 2] + 0.21 * signs[rows, axes[:, 2]]], axis=1)
    points[:, 2] += height / 2
    return Mesh(np.float32(points), np.float32(normals), np.float32(uv), faces.astype(np.int32), np.zeros(len(faces), np.int32))


def plate(outline, thickness: float, bevel: float = 0.3, centre=None, dome: float = 0.0) -> Mesh:
    """A flat piece lying on the ground, cut along an outline that is seen whole from its centre.

    Args:
        outline: (n, 2) points, closed by itself, anticlockwise.
        bevel: share of the way from edge to centre that slopes.
        dome: how much the middle rises over the thickness.
    """
    outline = np.asarray(outline, float)
    outline = np.concatenate([outline, outline[:1]])
    centre = outline[:-1].mean(axis=0) if centre is None else np.asarray(centre, float)
    rings = [(1.0, 0.0), (1.0, 0.0), (1.0, 0.35 * thickness), (1 - bevel * 0.35, 0.85 * thickness),
             (1 - bevel, thickness), (1 - bevel, thickness)]
    rings += [(share * (1 - bevel), thickness + dome * (1 - share ** 2)) for share in (0.75, 0.5, 0.25, 0.0)]
    points = [np.column_stack([centre + scale * (outline - centre), np.full(len(outline), height)])
              for scale, height in rings]
    points = np.array(points)
    return sheet(points, points[..., :2])


def patch(width: float, height: float, rise=None, steps: int = 24, thickness: float = 0.01) -> Mesh:
    """A sheet of cloth or paper lying on the ground, centred; `rise(x, y)` lifts it, arrays in, array out."""
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, steps), np.linspace(-height / 2, height / 2, steps))
    z = thickness + (rise(x, y) if rise else 0 * x)
    top = sheet(np.stack([x, y, z], 2), np.stack([x, y], 2))
    x, y = outline_of(width, height)
    z = np.interp(np.arange(len(x)), [0, len(x)], [0, 0])
    lift = thickness + (rise(x, y) if rise else 0 * x)
    edge = sheet(np.stack([np.stack([x, y, z], 1), np.stack([x, y, lift], 1)]))
    return join([top, edge])


def outline_of(width: float, height: float, steps: int = 24):
    """x and y along the edge of a rectangle, anticlockwise and closed."""
    side = np.linspace(-0.5, 0.5, steps)
    x = np.concatenate([side, np.full(steps, 0.5), side[::-1], np.full(steps, -0.5)]) * width
    y = np.concatenate([np.full(steps, -0.5), side, np.full(steps, 0.5), side[::-1]]) * height
    return x, y


def ball(radius: float, sections: int = 24) -> Mesh:
    """A sphere about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, sections // 2 + 1)
    line = np.stack([np.cos(angle), np.sin(angle)], 1) * radius
    ring = circle(sections)
    points = np.stack([line[:, :1] * ring[:, 0], line[:, :1] * ring[:, 1],
                       np.broadcast_to(line[:, 1:], (len(line), len(ring)))], axis=2)
    return sheet(points)


def torus(radius: float, thickness: float, sections: int = 40, flat: float = 1.0) -> Mesh:
    """A ring lying in the plane z = 0."""
    return sheet(_torus_points(radius, thickness, sections, flat))


def _torus_points(radius, thickness, sections, flat):
    around, across = np.meshgrid(np.linspace(0, 2 * np.pi, sections + 1), np.linspace(0, 2 * np.pi, 15))
    r = radius + thickness * np.cos(across)
    return np.stack([r * np.cos(around), r * np.sin(around), flat * thickness * np.sin(across)], axis=2)
