"""The pixel walk of the paper's rasteriser as a Warp kernel; `backend.raster.compat` prepares its arrays."""

# mypy: ignore-errors
# Warp compiles this function itself; its annotations are Warp's types, which mypy cannot read.

import warp as wp

wp.set_module_options({"fuse_fp": False})  # a product fused with a sum rounds once, the original rounds twice


@wp.kernel(enable_backward=False)
def cover(
    edges: wp.array(dtype=wp.float32, ndim=2),
    depths: wp.array(dtype=wp.float32, ndim=3),
    boxes: wp.array(dtype=wp.int32, ndim=2),
    xs: wp.array(dtype=wp.float32),
    ys: wp.array(dtype=wp.float32),
    ids: wp.array(dtype=wp.int32, ndim=2),
    barycentrics: wp.array(dtype=wp.float32, ndim=3),
    buffer: wp.array(dtype=wp.float32, ndim=2),
):
    """Nearest triangle, barycentrics and depth of every pixel; triangles come prepared, in drawing order."""
    # One thread on purpose: triangles are drawn in order, so that the later one wins a tie.
    for t in range(edges.shape[0]):
        for iy in range(boxes[t, 2], boxes[t, 3]):
            for ix in range(boxes[t, 0], boxes[t, 1]):
                x = xs[ix]
                y = ys[iy]
                e0 = edges[t, 0] * x + edges[t, 1] * y + edges[t, 2]
                e1 = edges[t, 3] * x + edges[t, 4] * y + edges[t, 5]
                e2 = edges[t, 6] * x + edges[t, 7] * y + edges[t, 8]
                inside = e0 >= 0.0 and e1 >= 0.0 and e2 >= 0.0 and (e0 > 0.0 or e1 > 0.0 or e2 > 0.0)
                if inside:
                    total = e0 + e1 + e2
                    b0 = e0 / total
                    b1 = e1 / total
                    b2 = e2 / total
                    clip_z = b0 * depths[t, 0, 0] + b1 * depths[t, 1, 0] + b2 * depths[t, 2, 0]
                    clip_w = b0 * depths[t, 0, 1] + b1 * depths[t, 1, 1] + b2 * depths[t, 2, 1]
                    z = clip_z / clip_w
                    if z >= -1.0 and z <= 1.0 and z <= buffer[iy, ix]:
                        ids[iy, ix] = t
                        barycentrics[iy, ix, 0] = b0
                        barycentrics[iy, ix, 1] = b1
                        barycentrics[iy, ix, 2] = b2
                        buffer[iy, ix] = z
