"""Warp kernels of the neural renderer's input: lamps' light on vertices, and what a pixel's samples have of it."""

# mypy: ignore-errors
# Warp compiles these functions itself; their annotations are its types, which mypy cannot read.

import warp as wp

from backend.raster.kernels import EMPTY, triangle_of, weights_at
from backend.render.kernels import bilinear


@wp.func
def blocker_depth(keys: wp.array(dtype=wp.int64, ndim=2), x: wp.float32, y: wp.float32) -> wp.float32:
    """Depth 0..2 of what stands nearest to the lamp at map position (x, y); 4 where nothing stands."""
    c = wp.clamp(wp.int32(wp.floor(x)), 0, keys.shape[1] - 1)
    r = wp.clamp(wp.int32(wp.floor(y)), 0, keys.shape[0] - 1)
    key = keys[r, c]
    if key == EMPTY:
        return 4.0
    return wp.cast(wp.int32(key >> wp.int64(32)), wp.float32)


@wp.kernel(enable_backward=False)
def shadows(
    keys: wp.array(dtype=wp.int64, ndim=2),
    clip: wp.array(dtype=wp.vec4),
    tangent: wp.float32,
    scale: wp.float32,
    bias: wp.float32,
    disc: wp.array(dtype=wp.vec2),
    out: wp.array(dtype=wp.float32),
):
    """How much of a lamp each vertex sees (Fernando 2005, percentage-closer soft shadows).

    keys: the depth map; clip: vertices as the lamp sees them, depth -1..1; tangent: of the lamp's half angle; scale:
    map pixels for one unit of depth; bias: depth by which a blocker must be nearer; disc: places, evenly in the unit
    disc, that are looked at.
    """
    i = wp.tid()
    p = clip[i]
    x = (p[0] + 1.0) * 0.5 * wp.float32(keys.shape[1])
    y = (1.0 - p[1]) * 0.5 * wp.float32(keys.shape[0])
    z = p[2] + 1.0 - bias
    # Blockers: the farther one is, the wider the disc in which it may stand.
    reach = wp.min(tangent * 0.3 * scale, 0.12 * wp.float32(keys.shape[0])) + 1.0
    sum = wp.float32(0.0)
    count = wp.float32(0.0)
    for k in range(disc.shape[0]):
        depth = blocker_depth(keys, x + reach * disc[k][0], y + reach * disc[k][1])
        if depth < z:
            sum = sum + depth
            count = count + 1.0
    if count == 0.0:
        out[i] = 1.0
        return
    width = wp.clamp(tangent * (z - sum / count) * scale, 0.75, reach)
    lit = wp.float32(0.0)
    for k in range(disc.shape[0]):
        if blocker_depth(keys, x + width * disc[k][0], y + width * disc[k][1]) >= z:
            lit = lit + 1.0
    out[i] = lit / wp.float32(disc.shape[0])


@wp.kernel(enable_backward=False)
def gather_attributes(
    keys: wp.array(dtype=wp.int64, ndim=2),
    edges: wp.array(dtype=wp.mat33),
    triangles: wp.array(dtype=wp.int32, ndim=2),
    group: wp.array(dtype=wp.int32),
    seen: wp.array(dtype=wp.vec4),
    photo: wp.array(dtype=wp.vec4, ndim=2),
    attributes: wp.array(dtype=wp.float32, ndim=2),
    samples: wp.int32,
    first_row: wp.int32,
    out: wp.array(dtype=wp.float32, ndim=3),
):
    """Means of vertex `attributes` over each pixel's samples, then the weight, then the weight by group.

    Samples are weighted as `kernels.gather` does: by the photo's blend weight on skin and lips, wholly elsewhere.
    """
    i, column = wp.tid()
    row = i + first_row
    step_x = 2.0 / wp.float32(keys.shape[1])
    step_y = 2.0 / wp.float32(keys.shape[0])
    width = attributes.shape[1]
    share = 1.0 / wp.float32(samples * samples)
    for channel in range(out.shape[2]):
        out[row, column, channel] = 0.0
    for s in range(samples * samples):
        r = row * samples + s / samples
        c = column * samples + s % samples
        key = keys[r, c]
        if key != EMPTY:
            t = triangle_of(key)
            w = weights_at(edges[t], (wp.float32(c) + 0.5) * step_x - 1.0, 1.0 - (wp.float32(r) + 0.5) * step_y)
            a = triangles[t, 0]
            b = triangles[t, 1]
            d = triangles[t, 2]
            m = share
            if group[t] < 2:
                place = seen[a] * w[0] + seen[b] * w[1] + seen[d] * w[2]
                m = share * bilinear(photo, place[0], place[1])[3]
            for channel in range(width):
                value = attributes[a, channel] * w[0] + attributes[b, channel] * w[1] + attributes[d, channel] * w[2]
                out[row, column, channel] = out[row, column, channel] + value * m
            out[row, column, width] = out[row, column, width] + m
            out[row, column, width + 1 + group[t]] = out[row, column, width + 1 + group[t]] + m
