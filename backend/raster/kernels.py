"""The rasteriser's Warp kernels; `backend.raster.rasterizer` says how they work together."""

# mypy: ignore-errors
# Warp compiles these functions itself; their annotations are its types, which mypy cannot read.

import warp as wp

EMPTY = wp.constant(wp.int64(0x7FFFFFFFFFFFFFFF))
_SLACK = wp.constant(0.01)  # pixels; the bounding box is rounded, the edge functions decide


@wp.func
def _first_centre(edge: wp.float32) -> wp.int32:
    """The first pixel whose centre lies at or after `edge` pixels, a hair early; clamped so that it is an integer."""
    return wp.int32(wp.ceil(wp.clamp(edge - 0.5 - _SLACK, -1.0e6, 1.0e6)))


@wp.func
def triangle_of(key: wp.int64) -> wp.int32:
    """The triangle in a key that is not empty."""
    return wp.int32(key & wp.int64(0x7FFFFFFF))


@wp.func
def weights_at(edge: wp.mat33, x: wp.float32, y: wp.float32) -> wp.vec3:
    """Perspective-correct barycentrics at NDC (x, y)."""
    weights = edge * wp.vec3(x, y, 1.0)
    return weights / (weights[0] + weights[1] + weights[2])


@wp.kernel(enable_backward=False)
def setup(
    clip: wp.array(dtype=wp.vec4),
    triangles: wp.array(dtype=wp.int32, ndim=2),
    cull: wp.array(dtype=wp.uint8),
    height: wp.int32,
    width: wp.int32,
    edges: wp.array(dtype=wp.mat33),
    plane: wp.array(dtype=wp.vec3),
    box: wp.array(dtype=wp.vec4i),
):
    """Edge functions, depth plane and pixel box (x0, x1, y0, y1) of each triangle; an empty box drops it."""
    t = wp.tid()
    a = clip[triangles[t, 0]]
    b = clip[triangles[t, 1]]
    c = clip[triangles[t, 2]]
    box[t] = wp.vec4i(0, 0, 0, 0)
    if a[3] <= 0.0 and b[3] <= 0.0 and c[3] <= 0.0:
        return

    # Products of float32 are exact in float64, so two triangles get exactly opposite functions for a shared edge,
    # with or without fused multiply-add: no cracks.
    ax = wp.float64(a[0])
    ay = wp.float64(a[1])
    aw = wp.float64(a[3])
    bx = wp.float64(b[0])
    by = wp.float64(b[1])
    bw = wp.float64(b[3])
    cx = wp.float64(c[0])
    cy = wp.float64(c[1])
    cw = wp.float64(c[3])
    ex = wp.vec3d(by * cw - cy * bw, cy * aw - ay * cw, ay * bw - by * aw)
    ey = wp.vec3d(cx * bw - bx * cw, ax * cw - cx * aw, bx * aw - ax * bw)
    e1 = wp.vec3d(bx * cy - cx * by, cx * ay - ax * cy, ax * by - bx * ay)
    det = aw * e1[0] + bw * e1[1] + cw * e1[2]
    if det == wp.float64(0.0) or (cull[t] != wp.uint8(0) and det < wp.float64(0.0)):
        return
    side = wp.float64(1.0)
    if det < wp.float64(0.0):
        side = wp.float64(-1.0)
    edges[t] = wp.mat33(
        wp.float32(side * ex[0]), wp.float32(side * ey[0]), wp.float32(side * e1[0]),
        wp.float32(side * ex[1]), wp.float32(side * ey[1]), wp.float32(side * e1[1]),
        wp.float32(side * ex[2]), wp.float32(side * ey[2]), wp.float32(side * e1[2]),
    )  # fmt: skip
    # z / w is affine on the screen: fold the division by the determinant into its three numbers.
    az = wp.float64(a[2])
    bz = wp.float64(b[2])
    cz = wp.float64(c[2])
    plane[t] = wp.vec3(
        wp.float32((az * ex[0] + bz * ex[1] + cz * ex[2]) / det),
        wp.float32((az * ey[0] + bz * ey[1] + cz * ey[2]) / det),
        wp.float32((az * e1[0] + bz * e1[1] + cz * e1[2]) / det),
    )

    x0 = wp.int32(0)
    x1 = width
    y0 = wp.int32(0)
    y1 = height
    if a[3] > 0.0 and b[3] > 0.0 and c[3] > 0.0:
        half_w = 0.5 * wp.float32(width)
        half_h = 0.5 * wp.float32(height)
        ua = a[0] / a[3]
        ub = b[0] / b[3]
        uc = c[0] / c[3]
        va = -a[1] / a[3]
        vb = -b[1] / b[3]
        vc = -c[1] / c[3]
        x0 = wp.max(0, _first_centre((wp.min(ua, wp.min(ub, uc)) + 1.0) * half_w))
        x1 = wp.min(width, _first_centre((wp.max(ua, wp.max(ub, uc)) + 1.0) * half_w + 2.0 * _SLACK))
        y0 = wp.max(0, _first_centre((wp.min(va, wp.min(vb, vc)) + 1.0) * half_h))
        y1 = wp.min(height, _first_centre((wp.max(va, wp.max(vb, vc)) + 1.0) * half_h + 2.0 * _SLACK))
    box[t] = wp.vec4i(x0, x1, y0, y1)


@wp.kernel(enable_backward=False)
def cover(
    edges: wp.array(dtype=wp.mat33),
    plane: wp.array(dtype=wp.vec3),
    box: wp.array(dtype=wp.vec4i),
    height: wp.int32,
    width: wp.int32,
    first_row: wp.int32,
    end_row: wp.int32,
    keys: wp.array(dtype=wp.int64, ndim=2),
):
    """Nearest depth|triangle per pixel of the rows first_row..end_row."""
    t = wp.tid()
    b = box[t]
    y0 = wp.max(b[2], first_row)
    y1 = wp.min(b[3], end_row)
    if y0 >= y1 or b[0] >= b[1]:
        return
    e = edges[t]
    p = plane[t]
    sx = 2.0 / wp.float32(width)
    sy = 2.0 / wp.float32(height)
    for r in range(y0, y1):
        y = 1.0 - (wp.float32(r) + 0.5) * sy
        k0 = e[0, 1] * y + e[0, 2]
        k1 = e[1, 1] * y + e[1, 2]
        k2 = e[2, 1] * y + e[2, 2]
        kz = p[1] * y + p[2]
        for c in range(b[0], b[1]):
            x = (wp.float32(c) + 0.5) * sx - 1.0
            e0 = e[0, 0] * x + k0
            e1 = e[1, 0] * x + k1
            e2 = e[2, 0] * x + k2
            if wp.min(e0, wp.min(e1, e2)) >= 0.0 and e0 + e1 + e2 > 0.0:
                z = p[0] * x + kz
                if z >= -1.0 and z <= 1.0:
                    # The bits of a non-negative float sort like the number itself.
                    key = (wp.int64(wp.cast(z + 1.0, wp.int32)) << wp.int64(32)) | wp.int64(t)
                    if key < keys[r, c]:  # spares most of the atomics
                        wp.atomic_min(keys, r, c, key)


@wp.kernel(enable_backward=False)
def resolve(
    edges: wp.array(dtype=wp.mat33),
    plane: wp.array(dtype=wp.vec3),
    keys: wp.array(dtype=wp.int64, ndim=2),
    first_row: wp.int32,
    ids: wp.array(dtype=wp.int32, ndim=2),
    barycentrics: wp.array(dtype=wp.vec3, ndim=2),
    depth: wp.array(dtype=wp.float32, ndim=2),
):
    """Keys to triangle ids, barycentrics and depth."""
    i, c = wp.tid()
    r = i + first_row
    key = keys[r, c]
    if key == EMPTY:
        ids[r, c] = -1
        barycentrics[r, c] = wp.vec3(0.0, 0.0, 0.0)
        depth[r, c] = 1.0
        return
    t = triangle_of(key)
    x = (wp.float32(c) + 0.5) * 2.0 / wp.float32(keys.shape[1]) - 1.0
    y = 1.0 - (wp.float32(r) + 0.5) * 2.0 / wp.float32(keys.shape[0])
    ids[r, c] = t
    barycentrics[r, c] = weights_at(edges[t], x, y)
    depth[r, c] = wp.dot(plane[t], wp.vec3(x, y, 1.0))
