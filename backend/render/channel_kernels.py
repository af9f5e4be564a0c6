"""The Warp kernel that turns a face's buffers into the neural renderer's input, channel by channel in one pass."""

# mypy: ignore-errors
# Warp compiles these functions itself; their annotations are its types, which mypy cannot read.

import warp as wp

from backend.render.kernels import irradiance

_POWER = wp.constant(1.0 / 2.2)
_SHINY = wp.constant(0.2)  # roughness squared: skin's 0.45
_F0 = wp.constant(0.035)


@wp.func
def encoded(v: wp.vec3) -> wp.vec3:
    """Linear to the numbers of pictures."""
    return wp.vec3(
        wp.pow(wp.max(v[0], 0.0), _POWER), wp.pow(wp.max(v[1], 0.0), _POWER), wp.pow(wp.max(v[2], 0.0), _POWER)
    )


@wp.func
def decoded(v: wp.float32) -> wp.float32:
    """The numbers of pictures to linear."""
    return wp.pow(wp.max(v, 0.0), 2.2)


@wp.func
def ggx(n: wp.vec3, v: wp.vec3, lamp: wp.vec3, alpha: wp.float32) -> wp.float32:
    """Microfacet highlight with Schlick's Fresnel, times the cosine to the lamp, over that of a white surface."""
    nl = wp.max(wp.dot(n, lamp), 0.0)
    nv = wp.max(wp.dot(n, v), 0.02)
    h = wp.normalize(lamp + v)
    nh = wp.max(wp.dot(n, h), 0.0)
    a2 = alpha * alpha
    d = nh * nh * (a2 - 1.0) + 1.0
    k = alpha * 0.5
    away = 1.0 - wp.max(wp.dot(v, h), 0.0)
    fresnel = _F0 + (1.0 - _F0) * away * away * away * away * away
    shadowed = 4.0 * (nl * (1.0 - k) + k) * (nv * (1.0 - k) + k)
    return a2 / (d * d) * fresnel / wp.max(shadowed, 0.05) * nl


@wp.kernel(enable_backward=False)
def prepare(
    albedo: wp.array(dtype=wp.float32, ndim=3),
    normal: wp.array(dtype=wp.float32, ndim=3),
    depth: wp.array(dtype=wp.float32, ndim=2),
    blurred: wp.array(dtype=wp.float32, ndim=3),
    alpha: wp.array(dtype=wp.float32, ndim=2),
    parts: wp.array(dtype=wp.float32, ndim=3),
    terms: wp.array(dtype=wp.float32, ndim=3),
    rest: wp.array(dtype=wp.vec3),
    power: wp.float32,
    lamps: wp.array(dtype=wp.vec4),
    strengths: wp.array(dtype=wp.vec3),
    scale: wp.float32,
    widths: wp.vec2,
    eye: wp.vec4,
    out: wp.array(dtype=wp.float32, ndim=3),
):
    """lamps: directions and half angles (radians); scale: what divides picture numbers of light; widths: of the two
    means; eye: the picture's `View.rays`.

    See `backend.render.neural_channels` for what the channels are.
    """
    r, c = wp.tid()
    a = alpha[r, c]
    for channel in range(out.shape[0]):
        out[channel, r, c] = 0.0
    if a <= 0.0:
        return
    whole = 1.0 / a
    n = wp.normalize(wp.vec3(normal[r, c, 0], normal[r, c, 1], normal[r, c, 2]))
    v = wp.normalize(wp.vec3(-(eye[0] + eye[2] * wp.float32(c)), -(eye[1] - eye[3] * wp.float32(r)), 1.0))
    nv = wp.dot(n, v)
    colour = wp.vec3(albedo[r, c, 0], albedo[r, c, 1], albedo[r, c, 2]) / 255.0
    lamp = encoded(wp.vec3(terms[r, c, 0], terms[r, c, 1], terms[r, c, 2]) * whole)
    soft = irradiance(n, rest, power)
    mirror = n * (2.0 * nv) - v
    around = irradiance(mirror, rest, power)
    shine = wp.vec3(0.0, 0.0, 0.0)
    sharp = wp.float32(0.0)
    for k in range(2):
        to = wp.vec3(lamps[k][0], lamps[k][1], lamps[k][2])
        wide = wp.sin(lamps[k][3])
        visible = terms[r, c, 3 + k] * whole
        shine = shine + strengths[k] * (ggx(n, v, to, wp.min(_SHINY + 0.5 * wide, 1.0)) * visible)
        edge = wp.cos(lamps[k][3])
        inside = wp.clamp((wp.dot(mirror, to) - edge) / (0.02 + 0.1 * (1.0 - edge)) + 0.5, 0.0, 1.0)
        grey = (strengths[k][0] + strengths[k][1] + strengths[k][2]) / 3.0
        sharp = sharp + grey / (wide * wide + 0.001) * inside * visible
    gloss = encoded(shine)
    for i in range(3):
        lit = colour[i] * soft[i] / scale
        direct = colour[i] * lamp[i] / scale
        both = decoded(lit * whole) + decoded(direct * whole)
        out[i, r, c] = a * wp.pow(both, _POWER)
        out[3 + i, r, c] = lit
        out[6 + i, r, c] = colour[i]
        out[9 + i, r, c] = n[i] * a
        out[12 + i, r, c] = lamp[i] / scale * a
        out[15 + i, r, c] = gloss[i] / scale * a
        out[18 + i, r, c] = around[i] / scale * a
    out[21, r, c] = nv * a
    out[22, r, c] = wp.pow(sharp, _POWER) / scale * a * 0.5
    away = depth[r, c] * whole
    for k in range(2):
        near = blurred[k, r, c] / wp.max(blurred[2 + k, r, c], 0.001)
        out[23 + k, r, c] = wp.clamp((away - near) / widths[k], -2.0, 2.0) * a
    for i in range(7):
        out[25 + i, r, c] = parts[r, c, i]
    out[32, r, c] = a
    out[33, r, c] = terms[r, c, 6]
