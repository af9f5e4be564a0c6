"""Warp kernels of the photo renderer: what a face's renderer is shown, and where warped pixels come from."""

# mypy: ignore-errors
# Warp compiles these functions itself; their annotations are its types, which mypy cannot read.

import warp as wp

from backend.preview.kernels import texel
from backend.raster.kernels import EMPTY, triangle_of, weights_at

# Channels of the gathered picture; `backend.render.buffers` names them.
CHANNELS = 18
_NORMAL = wp.constant(6)
_DEPTH = wp.constant(9)
_ALPHA = wp.constant(10)
_PARTS = wp.constant(11)
_SH0 = wp.constant(0.886226925)
_SH1 = wp.constant(1.772453851)
_SH2 = wp.constant(2.427032391)


@wp.func
def irradiance(n: wp.vec3, light: wp.array(dtype=wp.vec3), power: wp.float32) -> wp.vec3:
    """How bright white skin is under nine bands of light (`models.face.shading.sh_basis`), to the given power."""
    x = n[0]
    y = n[1]
    z = n[2]
    e = light[0] * _SH0 - light[1] * (_SH1 * y) + light[2] * (_SH1 * z) - light[3] * (_SH1 * x)
    e = e + light[4] * (_SH2 * x * y) - light[5] * (_SH2 * y * z) - light[7] * (_SH2 * x * z)
    e = e + light[6] * (_SH2 / 3.4641016 * (3.0 * z * z - 1.0)) + light[8] * (_SH2 * 0.5 * (x * x - y * y))
    e = wp.vec3(wp.max(e[0], 0.0), wp.max(e[1], 0.0), wp.max(e[2], 0.0))
    if power == 1.0:
        return e
    return wp.vec3(wp.pow(e[0], power), wp.pow(e[1], power), wp.pow(e[2], power))


@wp.func
def bilinear(image: wp.array(dtype=wp.vec4, ndim=2), x: wp.float32, y: wp.float32) -> wp.vec4:
    """Sample at (x, y), edges on whole numbers, clamped at the border."""
    u = wp.clamp(x - 0.5, 0.0, wp.float32(image.shape[1]) - 1.001)
    v = wp.clamp(y - 0.5, 0.0, wp.float32(image.shape[0]) - 1.001)
    c = wp.int32(u)
    r = wp.int32(v)
    fx = u - wp.float32(c)
    fy = v - wp.float32(r)
    top = image[r, c] * (1.0 - fx) + image[r, c + 1] * fx
    bottom = image[r + 1, c] * (1.0 - fx) + image[r + 1, c + 1] * fx
    return top * (1.0 - fy) + bottom * fy


@wp.kernel(enable_backward=False)
def gather(
    keys: wp.array(dtype=wp.int64, ndim=2),
    edges: wp.array(dtype=wp.mat33),
    triangles: wp.array(dtype=wp.int32, ndim=2),
    uv_triangles: wp.array(dtype=wp.int32, ndim=2),
    group: wp.array(dtype=wp.int32),
    uv: wp.array(dtype=wp.vec2),
    seen: wp.array(dtype=wp.vec4),
    taken: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    depths: wp.array(dtype=wp.float32),
    texture: wp.array(dtype=wp.vec3, ndim=2),
    photo: wp.array(dtype=wp.vec4, ndim=2),
    light: wp.array(dtype=wp.vec3),
    change: wp.array(dtype=wp.vec3, ndim=2),
    power: wp.float32,
    tint: wp.vec3,
    inside: wp.float32,
    samples: wp.int32,
    first_row: wp.int32,
    out: wp.array(dtype=wp.float32, ndim=3),
):
    """Means over each pixel's samples, every one weighted by its blend weight (0 where there is no surface).

    seen: per vertex x and y in `photo`, trust in it, and how much light reaches the point where it is not trusted;
    taken: the light that the photo's colours are divided by; photo: RGB and blend weight. Parts from group 2 on lie
    inside of openings: they are blended in whole, wherever they show, and the texture's colours are tinted on them.
    change: what the expression adds to the skin's colours, wherever they come from. inside: how much light comes into
    the mouth.
    """
    i, column = wp.tid()
    row = i + first_row
    step_x = 2.0 / wp.float32(keys.shape[1])
    step_y = 2.0 / wp.float32(keys.shape[0])
    lambert = wp.vec3(0.0, 0.0, 0.0)
    albedo = wp.vec3(0.0, 0.0, 0.0)
    normal = wp.vec3(0.0, 0.0, 0.0)
    depth = wp.float32(0.0)
    alpha = wp.float32(0.0)
    share = 1.0 / wp.float32(samples * samples)
    for channel in range(18):
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
            place = seen[a] * w[0] + seen[b] * w[1] + seen[d] * w[2]
            pixel = bilinear(photo, place[0], place[1])
            trust = place[2]
            where = uv[uv_triangles[t, 0]] * w[0] + uv[uv_triangles[t, 1]] * w[1] + uv[uv_triangles[t, 2]] * w[2]
            shot = taken[a] * w[0] + taken[b] * w[1] + taken[d] * w[2]
            colour = wp.cw_div(wp.vec3(pixel[0], pixel[1], pixel[2]), shot) * trust
            own = texel(texture, where) * ((1.0 - trust) * place[3])
            if group[t] >= 2:
                own = wp.cw_mul(own, tint)
            if group[t] == 3:
                own = own * wp.sqrt(inside)  # teeth stand in the opening
            if group[t] == 4:
                own = own * inside
            colour = colour + own
            if group[t] < 2:
                colour = wp.max(colour + texel(change, where), wp.vec3(0.0, 0.0, 0.0))
            n = wp.normalize(normals[a] * w[0] + normals[b] * w[1] + normals[d] * w[2])
            m = share
            if group[t] < 2:
                m = share * pixel[3]
            lambert = lambert + wp.cw_mul(colour, irradiance(n, light, power)) * m
            albedo = albedo + colour * m
            normal = normal + n * m
            depth = depth + (depths[a] * w[0] + depths[b] * w[1] + depths[d] * w[2]) * m
            alpha = alpha + m
            out[row, column, _PARTS + group[t]] = out[row, column, _PARTS + group[t]] + m
    for channel in range(3):
        out[row, column, channel] = lambert[channel]
        out[row, column, 3 + channel] = albedo[channel]
        out[row, column, _NORMAL + channel] = normal[channel]
    out[row, column, _DEPTH] = depth
    out[row, column, _ALPHA] = alpha


@wp.kernel(enable_backward=False)
def read_places(
    keys: wp.array(dtype=wp.int64, ndim=2),
    edges: wp.array(dtype=wp.mat33),
    triangles: wp.array(dtype=wp.int32, ndim=2),
    places: wp.array(dtype=wp.vec2),
    first_row: wp.int32,
    out: wp.array(dtype=wp.vec2, ndim=2),
):
    """Where in the picture each pixel of a warped grid comes from; far outside where the grid does not reach."""
    i, c = wp.tid()
    r = i + first_row
    key = keys[r, c]
    out[r, c] = wp.vec2(-1.0e4, -1.0e4)
    if key != EMPTY:
        t = triangle_of(key)
        x = (wp.float32(c) + 0.5) * 2.0 / wp.float32(keys.shape[1]) - 1.0
        y = 1.0 - (wp.float32(r) + 0.5) * 2.0 / wp.float32(keys.shape[0])
        w = weights_at(edges[t], x, y)
        out[r, c] = places[triangles[t, 0]] * w[0] + places[triangles[t, 1]] * w[1] + places[triangles[t, 2]] * w[2]
