"""Solid forms as triangle meshes: turned, swept, boxed, flattened.

Every form is a grid of points folded into space, so that one function computes the
normals and the faces of all of them. Units: an object is about 1 high or wide; z points
up and the ground is z = 0. Forms only; what they are made of is in `materials.py`.
"""

from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import accumulate, product

import numpy as np
from scipy.interpolate import PchipInterpolator

from .curves import curve, distances, smooth_through


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

    def grounded(self) -> "Mesh":
        """Set down: the lowest point is at z = 0."""
        return self.moved(z=-self.points[:, 2].min())

    def scaled(self, x=1.0, y=None, z=None) -> "Mesh":
        """Stretch about the origin; one number scales all three directions."""
        factors = np.float32([x, x if y is None else y, x if z is None else z])
        return replace(self, points=self.points * factors, normals=_unit(self.normals / factors))

    def turned(self, axis: str, degrees: float) -> "Mesh":
        """Turn about the x, y or z axis, anticlockwise when the axis points at the viewer."""
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        matrix = np.eye(3, dtype=np.float32)
        matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
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


def join(meshes) -> Mesh:
    """Several forms as one."""
    meshes = list(meshes)
    starts = accumulate((len(mesh.points) for mesh in meshes), initial=0)
    meshes = [replace(mesh, faces=mesh.faces + start) for mesh, start in zip(meshes, starts)]
    return Mesh(*(np.concatenate([getattr(mesh, part.name) for mesh in meshes]) for part in fields(Mesh)))


def turned(vectors: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Every row of float32 (V, 3) multiplied by a float32 matrix (3, 3)."""
    x, y, z = vectors.T
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in matrix], axis=1)


def sheet(points: np.ndarray, uv: np.ndarray | None = None) -> Mesh:
    """A grid of points (m, n, 3) as a surface; a repeated row or column is a sharp edge.

    Without texture coordinates (m, n, 2) it gets those that measure lengths on it.
    """
    points = np.ascontiguousarray(points, np.float32)
    rows, columns = points.shape[:2]
    if uv is None:
        across = np.cumsum(_lengths(np.diff(points, axis=1, prepend=points[:, :1])).max(axis=0), dtype=float)
        steps = np.cumsum(_lengths(np.diff(points, axis=0, prepend=points[:1])), axis=1, dtype=float)[:, -1]
        uv = np.stack(np.broadcast_arrays(across, np.cumsum(steps / columns)[:, None]), axis=-1)
    closed = (abs(points[:, 0] - points[:, -1]) < 1e-5).all()
    before, after = (points[:, -2:-1], points[:, 1:2]) if closed else (points[:, :1], points[:, -1:])
    wide, tall = np.concatenate([before, points, after], axis=1), np.concatenate([points[:1], points, points[-1:]])
    normals = np.cross(wide[:, 2:] - wide[:, :-2], tall[2:] - tall[:-2])
    length = _lengths(normals).astype(float)
    normals = np.float32(normals * np.divide(1, length, out=np.zeros_like(length), where=length > 1e-9)[..., None])
    filled = (length > 1e-9).any(axis=1)
    # Where a row shrinks to a point its normals vanish: take the mean of the nearest row that has some.
    for end, nearest in ((0, np.argmax(filled)), (-1, rows - 1 - np.argmax(filled[::-1]))):
        if not filled[end]:
            normals[end] = _unit(normals[nearest].mean(axis=0))
    faces = _grid_faces(rows, columns)
    uv = np.float32(uv).reshape(-1, 2)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv, faces, np.zeros(len(faces), np.int32))


@cache
def _grid_faces(rows: int, columns: int) -> np.ndarray:
    corner = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1])
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])


def _lengths(vectors: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.sqrt(x * x + y * y + z * z)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(_lengths(vectors), 1e-9)[..., None]


def circle(sections: int) -> np.ndarray:
    """Unit circle (sections + 1, 2), closed."""
    angle = np.linspace(0, 2 * np.pi, sections + 1)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _rings(radius, height, ring) -> np.ndarray:
    """Points (m, n, 3) of a ring (n, 2) at m heights, where it has that radius, (m, 1) or (m, n)."""
    x, y = radius * ring[:, 0], radius * ring[:, 1]
    return np.stack([x, y, np.broadcast_to(height[:, None], x.shape)], axis=2)


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
    radius = np.maximum(line[:, :1], 0)
    if lobes:
        radius = radius * (1 + lobes[1] * np.cos(lobes[0] * np.linspace(0, 2 * np.pi, sections + 1)))
    points = _rings(radius, line[:, 1], circle(sections))
    around = np.linspace(0, 2 * np.pi * max(line[:, 0].max(), 1e-6), sections + 1)
    return sheet(points, points[..., :2] if flat else np.stack(np.meshgrid(around, distances(line)), axis=2))


def sweep(path, radius, sections: int = 12, samples: int = 24, flat: float = 1.0, smooth=True) -> Mesh:
    """A round bar along a line in space; `radius` is a number or one for each point of the path.

    Args:
        path: (n, 3) points.
        flat: width across the bar's second direction, as a share of the first; below 1 a strap.
    """
    path = np.asarray(path, float)
    radius = np.array(np.broadcast_to(radius, len(path)), float)
    if smooth and len(path) > 2:
        steps = distances(path)
        at = np.linspace(0, steps[-1], samples)
        path, radius = smooth_through(steps, path, at), PchipInterpolator(steps, radius)(at)
    across = np.eye(3)[np.argmin(path.max(axis=0) - path.min(axis=0))]  # a direction that the path hardly takes
    ends = np.concatenate([path[:1], path, path[-1:]])
    along = _unit(ends[2:] - ends[:-2])
    first = _unit(np.cross(along, across))
    second = np.cross(along, first)
    ring, radius = circle(sections), radius[:, None, None]
    rings = path[:, None] + radius * flat * ring[:, :1] * second[:, None] + radius * ring[:, 1:] * first[:, None]
    return sheet(_closed(rings, path[0], path[-1]))


def _closed(rings, bottom, top) -> np.ndarray:
    """Rings (m, n, 3) of points, drawn together to a point at either end; the edges are sharp."""
    low, high = (np.broadcast_to(point, rings[:1].shape) for point in (bottom, top))
    return np.concatenate([low, rings[:1], rings, rings[-1:], high])


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
    angle, ring = np.linspace(0, 2 * np.pi, sections + 1), circle(sections)
    ring = np.sign(ring) * np.abs(ring) ** (2 / square)
    share = distances(line) / distances(line)[-1]
    factor = np.broadcast_to(push(angle, share[:, None]) if push else 1.0, (len(line), sections + 1))
    points = np.stack([line[:, 3:4] + line[:, 1:2] * factor * ring[:, 0],
                       line[:, 4:5] + line[:, 2:3] * factor * ring[:, 1],
                       np.broadcast_to(line[:, :1], factor.shape)], axis=2)
    return sheet(_closed(points, points[0].mean(axis=0), points[-1].mean(axis=0)) if ends else points)


@cache
def _box_template():
    """A box's 6 x 16 points as (sign, inset in bevels) per coordinate, its normals, grid places and faces.

    Each side is a grid of 4 x 4: the inner square is flat, the rim leans outwards by less than the corner.
    """
    sign, inset = np.array([-1.0, -1, 1, 1]), np.array([0.0, 1, 1, 0])
    second, first = (index.ravel() for index in np.mgrid[0:4, 0:4])
    lean, rim = np.where(inset, 0, 0.8 * sign), 1 - inset[first] * inset[second]
    sides = []
    for axis, side in product(range(3), (-1.0, 1.0)):
        axes = [a for a in range(3) if a != axis] + [axis]
        columns = ((sign[first], sign[second], side), (inset[first], inset[second], 0.6 * rim),
                   (lean[first], lean[second], side))
        parts = [np.stack(np.broadcast_arrays(*part), 1)[:, np.argsort(axes)] for part in columns]
        sides.append((*parts, np.tile(axes, (16, 1)), _grid_faces(4, 4) + 16 * len(sides)))
    signs, insets, leans, axes, faces = (np.concatenate(part) for part in zip(*sides))
    return signs, insets, np.float32(_unit(leans)), axes, faces


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
    return Mesh(np.float32(points), normals, np.float32(uv), faces, np.zeros(len(faces), np.int32))


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
    points = np.array([np.column_stack([centre + scale * (outline - centre), np.full(len(outline), height)])
                       for scale, height in rings])
    return sheet(points, points[..., :2])


def patch(width: float, height: float, rise=None, steps: int = 24, thickness: float = 0.01) -> Mesh:
    """A sheet of cloth or paper lying on the ground, centred; `rise(x, y)` lifts it, arrays in, array out."""
    def lift(x, y):
        return np.stack([x, y, thickness + (rise(x, y) if rise else 0 * x)], axis=-1)

    top = lift(*np.meshgrid(np.linspace(-width / 2, width / 2, steps), np.linspace(-height / 2, height / 2, steps)))
    side, end = np.linspace(-0.5, 0.5, 24), np.full(24, 0.5)
    x = np.concatenate([side, end, side[::-1], -end]) * width
    y = np.concatenate([-end, side, end, side[::-1]]) * height
    edge = np.stack([np.stack([x, y, np.zeros(len(x))], axis=1), lift(x, y)])
    return join([sheet(top, top[..., :2]), sheet(edge)])


def ball(radius: float, sections: int = 24) -> Mesh:
    """A sphere about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, sections // 2 + 1)
    return sheet(_rings(radius * np.cos(angle)[:, None], radius * np.sin(angle), circle(sections)))


def torus(radius: float, thickness: float, sections: int = 40, flat: float = 1.0) -> Mesh:
    """A ring lying in the plane z = 0."""
    x, z = thickness * circle(14).T
    return sheet(_rings(radius + x[:, None], flat * z, circle(sections)))
