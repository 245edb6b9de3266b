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

    @property
    def eye(self) -> np.ndarray:
        """Where the camera stands, float32 (3,)."""
        return self.centre + np.float32(self.distance) * self.axes[2]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (V, 3) to float32 (V, 3): x and y in pixels (y downwards), nearness (1 at the centre)."""
        x, y, z = (points - self.centre).T
        right, up, back = ((axis[0] * x + axis[1] * y + axis[2] * z).astype(float) for axis in self.axes)
        near = self.distance / (self.distance - back)
        return np.float32(np.stack([self.shift[0] + self.scale * right * near, self.shift[1] - self.scale * up * near, near], 1))

    def unproject(self, size: int) -> np.ndarray:
        """The point of the plane z = 0 seen at each pixel, float32 (size, size, 3)."""
        right, up, back = self.axes.astype(float)
        x, y = (np.arange(size) + 0.5 - self.shift[0]) / self.scale, (self.shift[1] - np.arange(size) - 0.5) / self.scale
        ray = x[:, None] * right + y[:, None, None] * up - self.distance * back
        travel = -self.eye[2] / np.where(abs(ray[..., 2]) >= 1e-4, ray[..., 2], -1e-4)
        return np.float32(self.eye + ray * np.where(travel > 0, travel, 1e3)[..., None])


def look_at(points: np.ndarray, azimuth: float, elevation: float, size: int, fill: float = 0.75,
            roll: float = 0.0, aim=(0.5, 0.5), distance: float = 6.0) -> Camera:
    """A camera at those angles (degrees), framing the points so that they fill that share of the picture."""
    a, e = np.radians(azimuth), np.radians(elevation)
    right = np.array([np.cos(a), np.sin(a), 0])
    back = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    up = np.cross(back, right)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    axes = np.stack([c * right + s * up, -s * right + c * up, back]).astype(np.float32)
    low, high = bounds(points)
    centre = (low + high) / 2
    reach = float(np.linalg.norm(high - low)) / 2
    camera = Camera(axes, centre.astype(np.float32), distance * max(reach, 1e-3), 1.0, np.zeros(2, np.float32))
    low, high = (corner[:2] for corner in bounds(camera.project(points)))
    scale = fill * size / max((high - low).max(), 1e-6)
    shift = np.array(aim) * size - scale * (low + high) / 2
    return Camera(axes, camera.centre, camera.distance, float(scale), shift.astype(np.float32))


def bounds(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest coordinates of points (V, 3), two float32 (3,)."""
    return np.float32(points.min(axis=0)), np.float32(points.max(axis=0))


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _fill(seen, faces, triangle, nearest):
    """The nearest triangle whose inside holds a pixel's centre, for every pixel of a square picture."""
    size = len(nearest)
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = seen[a, 0], seen[a, 1], seen[b, 0], seen[b, 1], seen[c, 0], seen[c, 1]
        left, right = max(0, np.ceil(min(ax, bx, cx) - 0.5)), min(size - 1, np.floor(max(ax, bx, cx) - 0.5))
        top, bottom = max(0, np.ceil(min(ay, by, cy) - 0.5)), min(size - 1, np.floor(max(ay, by, cy) - 0.5))
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if left > right or top > bottom or abs(area) < 1e-9:
            continue
        az, bz, cz = seen[a, 2], seen[b, 2], seen[c, 2]
        # The weights of the corners are linear on the screen: start at the left, add a step per pixel.
        step_a, step_b = (by - cy) / area, (cy - ay) / area
        for y in range(int(top), int(bottom) + 1):
            px, py = left + 0.5, y + 0.5
            wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
            wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
            for x in range(int(left), int(right) + 1):
                wc = 1 - wa - wb
                if wa >= 0 and wb >= 0 and wc >= 0:
                    # Nearness, not distance, is linear on the screen.
                    near = wa * az + wb * bz + wc * cz
                    if near > nearest[y, x]:
                        nearest[y, x] = near
                        triangle[y, x] = f
                wa += step_a
                wb += step_b


def rasterise(seen: np.ndarray, faces: np.ndarray, size: int):
    """The visible surface.

    Args:
        seen: float32 (V, 3) from `Camera.project`.
        faces: int32 (F, 3).
        size: height and width of the picture in pixels.
    Returns:
        triangle: int32 (size, size), -1 where there is nothing;
        nearest: float32 (size, size), the nearness, 0 where there is nothing.
    """
    triangle, nearest = np.full((size, size), -1, np.int32), np.zeros((size, size), np.float32)
    _fill(seen, faces, triangle, nearest)
    return triangle, nearest


@dataclass(frozen=True, eq=False)
class Surface:
    """What the camera sees of an object: one row for each of P covered pixels.

    Attributes:
        pixel: int32 (P,), the covered pixels' places in the picture, in reading order.
        point, normal: float32 (P, 3); normals face the viewer.
        uv: float32 (P, 2).
        tangent, bitangent: float32 (P, 3), unit steps along u and v on the surface.
        view: float32 (P, 3), unit direction to the viewer.
        slot: int32 (P,).
        nearest: float32 (size, size), 0 where there is nothing.
    """

    pixel: np.ndarray
    point: np.ndarray
    normal: np.ndarray
    uv: np.ndarray
    tangent: np.ndarray
    bitangent: np.ndarray
    view: np.ndarray
    slot: np.ndarray
    nearest: np.ndarray

    def only(self, where: np.ndarray) -> "Surface":
        """The rows at these positions."""
        if len(where) == len(self.pixel):
            return self
        *rows, nearest = vars(self).values()
        return Surface(*(values.take(where, axis=0) for values in rows), nearest)


def see(mesh: Mesh, camera: Camera, size: int) -> Surface:
    """Rasterise a mesh and look up point, normal and texture coordinates at every covered pixel."""
    seen = camera.project(mesh.points)
    triangle, nearest = rasterise(seen, mesh.faces, size)
    pixel = np.flatnonzero(triangle >= 0).astype(np.int32)
    rows = _look_up(pixel, triangle, seen, mesh.points, mesh.normals, mesh.uv, mesh.faces, mesh.slot, camera.eye)
    return Surface(pixel, *rows, nearest)


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _look_up(pixel, triangle, seen, points, normals, uvs, faces, slots, eye):
    """The rows of a `Surface`, in its order, at each of these pixels."""
    count, size = len(pixel), triangle.shape[1]
    point, normal = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    tangent, bitangent = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    view, slot = np.empty((count, 3), np.float32), np.empty(count, np.int32)
    uv = np.empty((count, 2), np.float32)
    for p in range(count):
        y, x = pixel[p] // size, pixel[p] % size
        f = triangle[y, x]
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = seen[a, 0], seen[a, 1], seen[b, 0], seen[b, 1], seen[c, 0], seen[c, 1]
        px, py = x + 0.5, y + 0.5
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
        wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
        # From weights on the screen to weights in space.
        wa, wb, wc = wa * seen[a, 2], wb * seen[b, 2], (1 - wa - wb) * seen[c, 2]
        near = wa + wb + wc
        wa, wb, wc = wa / near, wb / near, wc / near
        for k in range(3):
            point[p, k] = wa * points[a, k] + wb * points[b, k] + wc * points[c, k]
        for k in range(2):
            uv[p, k] = wa * uvs[a, k] + wb * uvs[b, k] + wc * uvs[c, k]
        vx, vy, vz = _unit(eye[0] - point[p, 0], eye[1] - point[p, 1], eye[2] - point[p, 2])
        nx, ny, nz = _unit(wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0],
                           wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1],
                           wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2])
        if nx * vx + ny * vy + nz * vz < 0:
            nx, ny, nz = -nx, -ny, -nz
        # The direction in which u grows, laid down onto the surface.
        u1, v1, u2, v2 = uvs[b, 0] - uvs[a, 0], uvs[b, 1] - uvs[a, 1], uvs[c, 0] - uvs[a, 0], uvs[c, 1] - uvs[a, 1]
        if u1 * v2 - v1 * u2 < 0:
            v1, v2 = -v1, -v2
        tx = (points[b, 0] - points[a, 0]) * v2 - (points[c, 0] - points[a, 0]) * v1
        ty = (points[b, 1] - points[a, 1]) * v2 - (points[c, 1] - points[a, 1]) * v1
        tz = (points[b, 2] - points[a, 2]) * v2 - (points[c, 2] - points[a, 2]) * v1
        along = tx * nx + ty * ny + tz * nz
        tx, ty, tz = _unit(tx - along * nx, ty - along * ny, tz - along * nz)
        normal[p, 0], normal[p, 1], normal[p, 2] = nx, ny, nz
        tangent[p, 0], tangent[p, 1], tangent[p, 2] = tx, ty, tz
        bitangent[p, 0], bitangent[p, 1], bitangent[p, 2] = ny * tz - nz * ty, nz * tx - nx * tz, nx * ty - ny * tx
        view[p, 0], view[p, 1], view[p, 2] = vx, vy, vz
        slot[p] = slots[f]
    return point, normal, uv, tangent, bitangent, view, slot


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _unit(x, y, z):
    length = max(np.sqrt(x * x + y * y + z * z), 1e-6)
    return x / length, y / length, z / length
