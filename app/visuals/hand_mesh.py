"""Hand meshes on OpenGL: two uploads per frame, one program that is linked once.

vispy's own MeshVisual.set_data links its program anew at every call, 26 ms a frame on software
OpenGL. Here the buffers have a fixed capacity and only their contents change.
"""

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from app.visuals.hand_batch import MAX_HANDS, HandBatch
from app.visuals.mesh_topology import MeshTopology
from core.types import Float32

#: Predicted hands are drawn with this share of the opacity.
PREDICTED_OPACITY = 0.45
#: Faces with a corner fainter than this hide nothing behind them.
_SOLID_FADE = 0.5

_VERTEX = """
#version 120
uniform mat4 u_clip_from_camera;
uniform vec3 u_eye;
uniform vec3 u_colour[8];
attribute vec3 a_position;
attribute vec3 a_normal;
attribute vec2 a_slot_fade;
varying vec3 v_normal;
varying vec3 v_to_eye;
varying vec4 v_colour;
invariant gl_Position;
void main() {
    gl_Position = u_clip_from_camera * vec4(a_position, 1.0);
    v_normal = a_normal;
    v_to_eye = u_eye - a_position;
    v_colour = vec4(u_colour[int(a_slot_fade.x + 0.5)], a_slot_fade.y);
}
"""

# Half-Lambert key light and sky from above, a little gloss, a rim that parts hands of one colour.
_FRAGMENT = """
#version 120
uniform vec3 u_light;
uniform vec3 u_up;
uniform float u_opacity;
varying vec3 v_normal;
varying vec3 v_to_eye;
varying vec4 v_colour;
void main() {
    vec3 normal = normalize(v_normal);
    vec3 to_eye = normalize(v_to_eye);
    float facing = dot(normal, to_eye);
    float wrapped = 0.5 + 0.5 * dot(normal, u_light);
    float sky = 0.5 + 0.5 * dot(normal, u_up);
    float gloss = pow(max(dot(normal, normalize(u_light + to_eye)), 0.0), 28.0);
    float rim = pow(1.0 - clamp(facing, 0.0, 1.0), 3.0);
    vec3 base = v_colour.rgb;
    vec3 colour = base * (0.22 + 0.80 * wrapped * wrapped + 0.16 * sky) + 0.16 * gloss;
    colour = mix(colour, base * 0.35, 0.55 * rim);
    if (facing < -0.3) discard; // the inside, seen through the open wrist
    gl_FragColor = vec4(colour, u_opacity * v_colour.a);
}
"""

_DEPTH_FRAGMENT = """
#version 120
void main() { gl_FragColor = vec4(0.0); }
"""

# The same depth for all: of faces that overlap, the first one passes "less" and the others fail.
_SHADOW_FRAGMENT = """
#version 120
uniform vec4 u_shadow;
void main() {
    gl_FragDepth = 0.99999;
    gl_FragColor = u_shadow;
}
"""


class HandMeshVisual:
    """Draws up to MAX_HANDS hand meshes with right occlusion, also where they are translucent.

    Each group of hands (seen, then predicted) is drawn twice: depth alone, then the nearest
    surface in colour. So a translucent hand shows the picture behind it and not its own back,
    and a predicted hand never hides a seen one.

    Needs a current OpenGL context from the first draw on, always the same one.
    """

    def __init__(self, topology: MeshTopology) -> None:
        """Make programs and buffers for meshes of this topology."""
        self._topology = topology
        rows = MAX_HANDS * topology.vertex_count
        self._position = gloo.VertexBuffer(np.zeros((rows, 3), np.float32))
        self._normal = gloo.VertexBuffer(np.zeros((rows, 3), np.float32))
        slots = np.repeat(np.arange(MAX_HANDS), topology.vertex_count)
        slot_fade = np.stack([slots, np.tile(topology.fade, MAX_HANDS)], axis=1)
        self._slot_fade = gloo.VertexBuffer(slot_fade.astype(np.float32))
        self._program = gloo.Program(_VERTEX, _FRAGMENT)
        self._program["a_position"] = self._position
        self._program["a_normal"] = self._normal
        self._program["a_slot_fade"] = self._slot_fade
        for slot in range(MAX_HANDS):
            self._program[f"u_colour[{slot}]"] = (0.0, 0.0, 0.0)
        self._depth_program = gloo.Program(_VERTEX, _DEPTH_FRAGMENT)
        self._shadow_program = gloo.Program(_VERTEX, _SHADOW_FRAGMENT)
        self._depth_program["a_position"] = self._position
        self._shadow_program["a_position"] = self._position
        solid = (topology.fade[topology.faces] >= _SOLID_FADE).all(axis=1)
        self._solid_faces = topology.faces[solid]
        self._all_indices = [gloo.IndexBuffer(), gloo.IndexBuffer()]
        self._solid_indices = [gloo.IndexBuffer(), gloo.IndexBuffer()]
        self._groups = (range(0), range(0))

    def set_hands(self, batch: HandBatch) -> None:
        """Upload the hands of batch; index buffers change only with the number of hands."""
        seen, count = batch.seen_count, len(batch)
        if count:
            self._position.set_subdata(batch.vertices.reshape(-1, 3))
            self._normal.set_subdata(batch.normals.reshape(-1, 3))
        for slot, colour in enumerate(batch.colours):
            self._program[f"u_colour[{slot}]"] = colour
        groups = (range(seen), range(seen, count))
        if groups != self._groups:
            self._groups = groups
            for group, slots in enumerate(groups):
                if slots:
                    self._all_indices[group].set_data(self._indices(self._topology.faces, slots))
                    self._solid_indices[group].set_data(self._indices(self._solid_faces, slots))

    def _indices(self, faces: NDArray[np.uint32], slots: range) -> NDArray[np.uint32]:
        first_vertex = np.array(slots, np.uint32) * np.uint32(self._topology.vertex_count)
        return (faces[None] + first_vertex[:, None, None]).ravel()

    def draw(
        self, clip_from_camera: Float32, eye: Float32, light: Float32, up: Float32, opacity: float
    ) -> None:
        """Draw the hands over what is there.

        Args:
            clip_from_camera: (4, 4) for column vectors.
            eye: (3,) m, where the viewer is, camera frame.
            light: (3,) unit vector towards the light, camera frame.
            up: (3,) unit vector, camera frame.
            opacity: in [0, 1].
        """
        matrix = np.ascontiguousarray(clip_from_camera.T)  # vispy uploads row by row
        for program in (self._depth_program, self._program):
            program["u_clip_from_camera"] = matrix
        self._program["u_eye"] = eye
        self._program["u_light"] = light
        self._program["u_up"] = up
        for group, share in enumerate((1.0, PREDICTED_OPACITY)):
            if self._groups[group]:
                self._program["u_opacity"] = opacity * share
                self._draw_group(group, translucent=opacity * share < 1)

    def _draw_group(self, group: int, translucent: bool) -> None:
        gloo.set_state(depth_test=True, blend=True, cull_face=False, depth_func="lequal")
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        gloo.set_depth_mask(True)
        if translucent:
            gloo.set_color_mask(False, False, False, False)
            self._depth_program.draw("triangles", self._solid_indices[group])
            gloo.set_color_mask(True, True, True, True)
        self._program.draw("triangles", self._all_indices[group])

    def draw_shadow(
        self, clip_from_camera: Float32, colour: tuple[float, float, float, float]
    ) -> None:
        """Draw the seen hands in one colour RGBA, as far away as can be, each pixel once.

        Args:
            clip_from_camera: (4, 4) for column vectors, flattening the hands onto a plane.
            colour: with straight alpha.
        """
        if not self._groups[0]:
            return
        gloo.set_state(depth_test=True, blend=True, cull_face=False, depth_func="less")
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        gloo.set_depth_mask(True)
        self._shadow_program["u_clip_from_camera"] = np.ascontiguousarray(clip_from_camera.T)
        self._shadow_program["u_shadow"] = colour
        self._shadow_program.draw("triangles", self._solid_indices[0])
