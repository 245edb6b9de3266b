"""From triangles to pixels: a camera and a depth buffer.

For each pixel `rasterise` finds the nearest triangle and where on it the pixel falls; all
shading is done later, once per visible pixel. The loop is the textbook one, compiled by numba.
"""

from dataclasses import dataclass

import numba
import numpy as np

from .solids import Mesh


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera that looks at an object from outside.

    Attributes:
        axes: float32 (3, 3), rows: right, up and towards the viewer.
        centre: float32 (3,), the point looked at.
        distance: from the camera to the centre.
        scale: pixels a unit of length takes at the centre.
        shift: float32 (2,), where the centre falls in the picture, in pixels.
    """

    axes: np.ndarray
    centre: np.ndarray
    distance: float
    scale: float = 1.0
    shift: np.ndarray = None

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (V, 3) to float32 (V, 3): x and y in pixels (y downwards), nearness (1 at the centre)."""
        seen = (points - self.centre) @ self.axes.T
        near = self.distance / (self.distance - seen[:, 2])
        x = self.shift[0] + self.scale * seen[:, 0] * near
        y = self.shift[1] - self.scale * seen[:, 1] * near
        return np.stack([x, y, near], axis=1).astype(np.float32)

    def unproject(self, size: int, height: float = 0.0) -> np.ndarray:
        """The point of the plane z = `height` seen at each pixel, float32 (size, size, 3)."""
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
        ray = np.stack([(x - self.shift[0]) / self.scale, (self.shift[1] - y) / self.scale,
                        np.full_like(x, -self.distance)], axis=2) @ self.axes
        eye = self.centre + self.distance * self.axes[2]
        travel = (height - eye[2]) / np.where(np.abs(ray[..., 2]) < 1e-4, -1e-4, ray[..., 2])
        return (eye + ray * np.where(travel > 0, travel, 1e3)[..., None]).astype(np.float32)


def look_at(points: np.ndarray, azimuth: float, elevation: float, size: int, fill: float = 0.75,
            roll: float = 0.0, aim=(0.5, 0.5), distance: float = 6.0) -> Camera:
    """A camera at those angles (degrees), framing the points so that they fill that share of the picture."""
    a, e = np.radians(azimuth), np.radians(elevation)
    right = np.array([np.cos(a), np.sin(a), 0])
    back = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    up = np.cross(back, right)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    axes = np.stack([c * right + s * up, -s * right + c * up, back]).astype(np.float32)
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    reach = float(np.linalg.norm(high - low)) / 2
    camera = Camera(axes, centre.astype(np.float32), distance * max(reach, 1e-3), 1.0, np.zeros(2, np.float32))
    seen = camera.project(points)[:, :2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = fill * size / max((high - low).max(), 1e-6)
    shift = np.array(aim) * size - scale * (low + high) / 2
    return Camera(axes, camera.centre, camera.distance, float(scale), shift.astype(np.float32))


@numba.njit(nogil=True)
def _fill(seen, faces, size, triangle, weight, nearest):
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = seen[a, 0], seen[a, 1], seen[a, 2]
        bx, by, bz = seen[b, 0], seen[b, 1], seen[b, 2]
        cx, cy, cz = seen[c, 0], seen[c, 1], seen[c, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        left, right = max(0, int(min(ax, bx, cx) - 0.5)), min(size - 1, int(max(ax, bx, cx) + 0.5))
        top, bottom = max(0, int(min(ay, by, cy) - 0.5)), min(size - 1, int(max(ay, by, cy) + 0.5))
        # The weights of the corners are linear on the screen: start at the left, add a step per pixel.
        step_a, step_b = (by - cy) / area, (cy - ay) / area
        for y in range(top, bottom + 1):
            px, py = left + 0.5, y + 0.5
            wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
            wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
            for x in range(left, right + 1):
                wc = 1 - wa - wb
                if wa >= 0 and wb >= 0 and wc >= 0:
                    # Nearness, not distance, is linear on the screen.
                    near = wa * az + wb * bz + wc * cz
                    if near > nearest[y, x]:
                        nearest[y, x] = near
                        triangle[y, x] = f
                        weight[y, x, 0] = wa * az / near
                        weight[y, x, 1] = wb * bz / near
                        weight[y, x, 2] = wc * cz / near
                wa += step_a
                wb += step_b


@numba.njit(nogil=True)
def _cover(seen, faces, size, nearest):
    """As `_fill`, the depth alone."""
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = seen[a, 0], seen[a, 1], seen[a, 2]
        bx, by, bz = seen[b, 0], seen[b, 1], seen[b, 2]
        cx, cy, cz = seen[c, 0], seen[c, 1], seen[c, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        left, right = max(0, int(min(ax, bx, cx) - 0.5)), min(size - 1, int(max(ax, bx, cx) + 0.5))
        top, bottom = max(0, int(min(ay, by, cy) - 0.5)), min(size - 1, int(max(ay, by, cy) + 0.5))
        step_a, step_b = (by - cy) / area, (cy - ay) / area
        for y in range(top, bottom + 1):
            px, py = left + 0.5, y + 0.5
            wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
            wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
            for x in range(left, right + 1):
                wc = 1 - wa - wb
                if wa >= 0 and wb >= 0 and wc >= 0:
                    nearest[y, x] = max(nearest[y, x], wa * az + wb * bz + wc * cz)
                wa += step_a
                wb += step_b


@numba.njit(nogil=True)
def _blend(values, faces, face, weight, result):
    """Values (V, 8) of a mesh at P places inside its triangles, and the direction of growing u there."""
    for p in range(len(face)):
        a, b, c = faces[face[p], 0], faces[face[p], 1], faces[face[p], 2]
        for k in range(8):
            result[p, k] = weight[p, 0] * values[a, k] + weight[p, 1] * values[b, k] + weight[p, 2] * values[c, k]
        u1, v1 = values[b, 6] - values[a, 6], values[b, 7] - values[a, 7]
        u2, v2 = values[c, 6] - values[a, 6], values[c, 7] - values[a, 7]
        if u1 * v2 - v1 * u2 < 0:
            v1, v2 = -v1, -v2
        for k in range(3):
            result[p, 8 + k] = (values[b, k] - values[a, k]) * v2 - (values[c, k] - values[a, k]) * v1


def rasterise(seen: np.ndarray, faces: np.ndarray, size: int):
    """The visible surface.

    Args:
        seen: float32 (V, 3) from `Camera.project`.
        faces: int32 (F, 3).
        size: height and width of the picture in pixels.
    Returns:
        triangle: int32 (size, size), -1 where there is nothing;
        weight: float32 (size, size, 3), of the triangle's corners, in space and not on the screen;
        nearest: float32 (size, size), the nearness, 0 where there is nothing.
    """
    triangle = np.full((size, size), -1, np.int32)
    weight, nearest = np.empty((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    _fill(np.ascontiguousarray(seen, np.float32), faces, size, triangle, weight, nearest)
    return triangle, weight, nearest


def depth(seen: np.ndarray, faces: np.ndarray, size: int) -> np.ndarray:
    """The nearness alone, float32 (size, size), 0 where there is nothing."""
    nearest = np.zeros((size, size), np.float32)
    _cover(np.ascontiguousarray(seen, np.float32), faces, size, nearest)
    return nearest


def dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Scalar products of the rows, (P,)."""
    return np.einsum("ij,ij->i", first, second)


def cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Vector products of the rows, (P, 3)."""
    (a, b, c), (d, e, f) = first.T, second.T
    return np.stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """The rows at length 1, (P, 3)."""
    return vectors / np.maximum(np.sqrt(dot(vectors, vectors)), 1e-6)[:, None]


@dataclass(frozen=True, eq=False)
class Surface:
    """What the camera sees of an object: one row for each of P covered pixels.

    Attributes:
        mask: bool (size, size), the covered pixels, in reading order those of the rows below.
        point, normal: float32 (P, 3); normals face the viewer.
        uv: float32 (P, 2).
        tangent, bitangent: float32 (P, 3), unit steps along u and v on the surface.
        view: float32 (P, 3), unit direction to the viewer.
        slot: int32 (P,).
        nearest: float32 (size, size).
    """

    mask: np.ndarray
    point: np.ndarray
    normal: np.ndarray
    uv: np.ndarray
    tangent: np.ndarray
    bitangent: np.ndarray
    view: np.ndarray
    slot: np.ndarray
    nearest: np.ndarray


def see(mesh: Mesh, camera: Camera, size: int) -> Surface:
    """Rasterise a mesh and look up point, normal and texture coordinates at every covered pixel."""
    triangle, weight, nearest = rasterise(camera.project(mesh.points), mesh.faces, size)
    mask = triangle >= 0
    face, weight = triangle[mask], weight[mask]
    values = np.concatenate([mesh.points, mesh.normals, mesh.uv], axis=1, dtype=np.float32)
    seen = np.empty((len(face), 11), np.float32)
    _blend(values, mesh.faces, face, weight, seen)
    point, normal, uv = seen[:, :3], unit(seen[:, 3:6]), seen[:, 6:8]
    view = unit(camera.centre + np.float32(camera.distance) * camera.axes[2] - point)
    normal *= np.where(dot(normal, view) < 0, np.float32(-1), np.float32(1))[:, None]
    tangent = seen[:, 8:]
    tangent = unit(tangent - normal * dot(tangent, normal)[:, None])
    return Surface(mask, point, normal, uv, tangent, cross(normal, tangent), view,
                   mesh.slot[face], nearest)
