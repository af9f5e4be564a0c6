"""The preview's shading kernel: rasteriser keys in, 8-bit pixels out."""

# mypy: ignore-errors
# Warp compiles these functions itself; their annotations are its types, which mypy cannot read.

import warp as wp

from backend.raster.kernels import EMPTY, triangle_of, weights_at


@wp.struct
class Light:
    """The studio: directions towards the lights and linear colours."""

    key_direction: wp.vec3
    key: wp.vec3
    fill_direction: wp.vec3
    fill: wp.vec3
    rim_direction: wp.vec3
    rim: wp.vec3
    sky: wp.vec3
    ground: wp.vec3


@wp.func
def texel(texture: wp.array(dtype=wp.vec3, ndim=2), uv: wp.vec2) -> wp.vec3:
    """Bilinear sample; uv (0, 0) is the bottom left, row 0 the top."""
    height = texture.shape[0]
    width = texture.shape[1]
    x = wp.clamp(uv[0] * wp.float32(width) - 0.5, 0.0, wp.float32(width) - 1.001)
    y = wp.clamp((1.0 - uv[1]) * wp.float32(height) - 0.5, 0.0, wp.float32(height) - 1.001)
    c = wp.int32(x)
    r = wp.int32(y)
    fx = x - wp.float32(c)
    fy = y - wp.float32(r)
    top = texture[r, c] * (1.0 - fx) + texture[r, c + 1] * fx
    bottom = texture[r + 1, c] * (1.0 - fx) + texture[r + 1, c + 1] * fx
    return top * (1.0 - fy) + bottom * fy


@wp.func
def highlight(normal: wp.vec3, viewer: wp.vec3, light: wp.vec3, sharpness: wp.float32) -> wp.float32:
    """Normalised Blinn-Phong with Schlick's Fresnel for skin and water (F0 = 0.028)."""
    half = wp.normalize(light + viewer)
    lobe = wp.pow(wp.max(wp.dot(normal, half), 0.0), sharpness) * (sharpness + 8.0) / 25.13
    grazing = 1.0 - wp.max(wp.dot(half, viewer), 0.0)
    fresnel = 0.028 + 0.972 * grazing * grazing * grazing * grazing * grazing
    return lobe * fresnel * wp.max(wp.dot(normal, light), 0.0)


@wp.func
def wrapped(cosine: wp.float32, wrap: wp.float32) -> wp.float32:
    """Diffuse light that reaches a little past the terminator, as in skin."""
    return wp.clamp((cosine + wrap) / (1.0 + wrap), 0.0, 1.0)


@wp.func
def shade(
    albedo: wp.vec3,
    normal: wp.vec3,
    position: wp.vec3,
    reach: wp.vec3,
    look: wp.vec3,
    eye: wp.vec3,
    light: Light,
) -> wp.vec3:
    """Radiance of one surface; reach: how much ambient and key light arrives; look: sharpness, gloss, translucency."""
    n = wp.normalize(normal)
    v = wp.normalize(eye - position)
    if wp.dot(n, v) < 0.0:
        n = n - 2.0 * wp.dot(n, v) * v  # strands and lids seen from behind
    up = 0.5 + 0.5 * n[1]
    ambient = (light.ground * (1.0 - up) + light.sky * up) * reach[0]
    key = wp.dot(n, light.key_direction)
    soft = look[2]
    arriving = wp.vec3(wrapped(key, 0.35 * soft), wrapped(key, 0.16 * soft), wrapped(key, 0.08 * soft)) * reach[1]
    fill = wrapped(wp.dot(n, light.fill_direction), 0.3) * reach[0]
    edge = 1.0 - wp.max(wp.dot(n, v), 0.0)
    rim = edge * edge * wrapped(wp.dot(n, light.rim_direction), 0.2) * reach[0]
    colour = wp.cw_mul(albedo, ambient + wp.cw_mul(light.key, arriving) + light.fill * fill + light.rim * rim)
    shine = light.key * (highlight(n, v, light.key_direction, look[0]) * reach[1])
    shine = shine + light.fill * (highlight(n, v, light.fill_direction, look[0]) * reach[0])
    return colour + shine * look[1]


@wp.kernel(enable_backward=False)
def shade_pixels(
    keys: wp.array(dtype=wp.int64, ndim=2),
    edges: wp.array(dtype=wp.mat33),
    triangles: wp.array(dtype=wp.int32, ndim=2),
    uv_triangles: wp.array(dtype=wp.int32, ndim=2),
    part: wp.array(dtype=wp.int32),
    uv: wp.array(dtype=wp.vec2),
    normals: wp.array(dtype=wp.vec3),
    positions: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.vec3),
    texture: wp.array(dtype=wp.vec3, ndim=2),
    looks: wp.array(dtype=wp.vec3),
    background: wp.array(dtype=wp.vec3, ndim=2),
    encode: wp.array(dtype=wp.uint8),
    eye: wp.vec3,
    light: Light,
    samples: wp.int32,
    first_row: wp.int32,
    pixels: wp.array(dtype=wp.uint8, ndim=3),
):
    """One output pixel: attributes of its samples are averaged part by part and each part is shaded once."""
    i, column = wp.tid()
    row = i + first_row
    step_x = 2.0 / wp.float32(keys.shape[1])
    step_y = 2.0 / wp.float32(keys.shape[0])
    behind = background[row, column]
    total = wp.vec3(0.0, 0.0, 0.0)
    albedo = wp.vec3(0.0, 0.0, 0.0)
    normal = wp.vec3(0.0, 0.0, 0.0)
    position = wp.vec3(0.0, 0.0, 0.0)
    arrives = wp.vec3(0.0, 0.0, 0.0)
    current = wp.int32(-1)
    count = wp.float32(0.0)
    for s in range(samples * samples):
        r = row * samples + s / samples
        c = column * samples + s % samples
        key = keys[r, c]
        if key == EMPTY:
            total = total + behind
        else:
            t = triangle_of(key)
            if part[t] != current:
                if count > 0.0:
                    lit = shade(albedo / count, normal, position / count, arrives / count, looks[current], eye, light)
                    seen = arrives[2] / count
                    total = total + (lit * seen + behind * (1.0 - seen)) * count
                albedo = wp.vec3(0.0, 0.0, 0.0)
                normal = wp.vec3(0.0, 0.0, 0.0)
                position = wp.vec3(0.0, 0.0, 0.0)
                arrives = wp.vec3(0.0, 0.0, 0.0)
                count = 0.0
                current = part[t]
            w = weights_at(edges[t], (wp.float32(c) + 0.5) * step_x - 1.0, 1.0 - (wp.float32(r) + 0.5) * step_y)
            a = triangles[t, 0]
            b = triangles[t, 1]
            d = triangles[t, 2]
            where = uv[uv_triangles[t, 0]] * w[0] + uv[uv_triangles[t, 1]] * w[1] + uv[uv_triangles[t, 2]] * w[2]
            albedo = albedo + texel(texture, where)
            normal = normal + normals[a] * w[0] + normals[b] * w[1] + normals[d] * w[2]
            position = position + positions[a] * w[0] + positions[b] * w[1] + positions[d] * w[2]
            arrives = arrives + reach[a] * w[0] + reach[b] * w[1] + reach[d] * w[2]
            count = count + 1.0
    if count > 0.0:
        lit = shade(albedo / count, normal, position / count, arrives / count, looks[current], eye, light)
        seen = arrives[2] / count
        total = total + (lit * seen + behind * (1.0 - seen)) * count
    total = total / wp.float32(samples * samples)
    last = wp.float32(encode.shape[0] - 1)
    for channel in range(3):
        # x / (1 + x) on what exceeds the shoulder keeps highlights from clipping hard.
        value = total[channel]
        if value > 0.7:
            value = 0.7 + 0.3 * (value - 0.7) / (value - 0.7 + 0.3)
        pixels[row, column, channel] = encode[wp.int32(wp.clamp(value, 0.0, 1.0) * last)]
