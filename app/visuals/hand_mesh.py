"""Hand meshes on OpenGL: a few uploads per frame, programs that are linked once.

vispy's own MeshVisual.set_data links its program anew at every call, 26 ms a frame on software
OpenGL. Here the buffers have a fixed capacity and only their contents change.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from vispy import gloo

from app.palette import SurfaceColour
from app.skin import light_matrices
from app.visuals.hand_batch import MAX_HANDS, HandBatch
from app.visuals.mesh_topology import MeshTopology
from app.visuals.queues import join_canvas
from core.types import Float32

#: Predicted hands are drawn with this share of the opacity.
PREDICTED_OPACITY = 0.45
#: Edges over a surface leave this much of its colour; alone they are drawn nearly solid.
_EDGES_OVER_SURFACE: Final = 0.22
_EDGES_ALONE: Final = 0.85

_VERTEX = """
#version 120
uniform mat4 u_clip_from_camera;
uniform vec3 u_eye;
uniform float u_surface;      // 0: one colour for each hand, 1: skin, 2: normals
uniform float u_lit;          // 1: skin under its own light
uniform vec4 u_colour[8];     // RGB; w is 1 where the hand's skin is known
uniform mat4 u_light_of[24];  // of each hand three, see app/skin.py
attribute vec3 a_position;
attribute vec3 a_normal;
attribute vec3 a_albedo;
attribute vec2 a_slot_fade;
varying vec3 v_normal;
varying vec3 v_to_eye;
varying vec4 v_colour;
varying float v_shaded;       // 1: the view's own light falls on it
invariant gl_Position;
void main() {
    gl_Position = u_clip_from_camera * vec4(a_position, 1.0);
    v_normal = a_normal;
    v_to_eye = u_eye - a_position;
    int slot = int(a_slot_fade.x + 0.5);
    v_colour = vec4(u_colour[slot].rgb, a_slot_fade.y);
    v_shaded = 1.0;
    if (u_surface > 1.5) {
        v_colour.rgb = 0.5 + 0.5 * a_normal * vec3(1.0, -1.0, -1.0);
        v_shaded = 0.0;
    } else if (u_surface > 0.5 && u_colour[slot].w > 0.5) {
        v_colour.rgb = a_albedo;
        if (u_lit > 0.5) {
            vec4 n = vec4(a_normal, 1.0);
            vec3 light = vec3(dot(n, u_light_of[3 * slot] * n),
                              dot(n, u_light_of[3 * slot + 1] * n),
                              dot(n, u_light_of[3 * slot + 2] * n));
            v_colour.rgb = clamp(a_albedo * light, 0.0, 1.0);
            v_shaded = 0.0;
        }
    }
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
varying float v_shaded;
void main() {
    vec3 normal = normalize(v_normal);
    vec3 to_eye = normalize(v_to_eye);
    float facing = dot(normal, to_eye);
    if (facing < -0.3) discard; // the inside, seen through the open wrist
    vec3 base = v_colour.rgb;
    if (v_shaded < 0.5) {
        gl_FragColor = vec4(base, u_opacity * v_colour.a);
        return;
    }
    float wrapped = 0.5 + 0.5 * dot(normal, u_light);
    float sky = 0.5 + 0.5 * dot(normal, u_up);
    float gloss = pow(max(dot(normal, normalize(u_light + to_eye)), 0.0), 28.0);
    float rim = pow(1.0 - clamp(facing, 0.0, 1.0), 3.0);
    vec3 colour = base * (0.22 + 0.80 * wrapped * wrapped + 0.16 * sky) + 0.16 * gloss;
    colour = mix(colour, base * 0.35, 0.55 * rim);
    gl_FragColor = vec4(colour, u_opacity * v_colour.a);
}
"""

_FLAT_VERTEX = """
#version 120
uniform mat4 u_clip_from_camera;
uniform vec4 u_colour[8];
attribute vec3 a_position;
attribute vec2 a_slot_fade;
varying vec4 v_colour;
invariant gl_Position;
void main() {
    gl_Position = u_clip_from_camera * vec4(a_position, 1.0);
    v_colour = vec4(u_colour[int(a_slot_fade.x + 0.5)].rgb, a_slot_fade.y);
}
"""
_FLAT_FRAGMENT = """
#version 120
uniform float u_brightness;
uniform float u_opacity;
varying vec4 v_colour;
void main() { gl_FragColor = vec4(v_colour.rgb * u_brightness, v_colour.a * u_opacity); }
"""

# The same depth for all: of faces that overlap, the first one passes "less" and the others fail.
_SHADOW_FRAGMENT = """
#version 120
uniform vec4 u_shadow;
varying vec4 v_colour;
void main() {
    gl_FragDepth = 0.99999;
    gl_FragColor = u_shadow + 0.0 * v_colour;
}
"""
_SURFACE_NUMBER: Final[dict[SurfaceColour, float]] = {"hand": 0.0, "skin": 1.0, "normals": 2.0}
#: How much nearer than their surface edges are drawn, in normalised depth: 1 mm at half a metre.
_EDGES_NEARER: Final = 1.2e-4


@dataclass(frozen=True, slots=True, eq=False)
class MeshLook:
    """How surfaces are drawn.

    Attributes:
        eye: (3,) m, where the viewer is, camera frame.
        light: (3,) unit vector towards the view's own light, camera frame.
        up: (3,) unit vector, camera frame.
        opacity: of the surface, in [0, 1].
        surface: what colours it.
        predicted_light: skin under its own light instead of the view's.
        filled: draw the surface.
        edges: draw its edges.
    """

    eye: Float32
    light: Float32
    up: Float32
    opacity: float = 1.0
    surface: SurfaceColour = "hand"
    predicted_light: bool = True
    filled: bool = True
    edges: bool = False


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
        self._position, self._normal, self._albedo = (
            gloo.VertexBuffer(np.zeros((rows, 3), np.float32)) for _ in range(3)
        )
        slots = np.repeat(np.arange(MAX_HANDS), topology.vertex_count)
        slot_fade = np.stack([slots, np.tile(topology.fade, MAX_HANDS)], axis=1)
        self._slot_fade = gloo.VertexBuffer(slot_fade.astype(np.float32))
        self._program = gloo.Program(_VERTEX, _FRAGMENT)
        self._flat = gloo.Program(_FLAT_VERTEX, _FLAT_FRAGMENT)
        self._shadow = gloo.Program(_FLAT_VERTEX, _SHADOW_FRAGMENT)
        for program in (self._program, self._flat, self._shadow):
            program["a_position"] = self._position
            program["a_slot_fade"] = self._slot_fade
            for slot in range(MAX_HANDS):
                program[f"u_colour[{slot}]"] = (0.0, 0.0, 0.0, 0.0)
        self._program["a_normal"], self._program["a_albedo"] = self._normal, self._albedo
        self._flat["u_brightness"] = self._flat["u_opacity"] = 1.0
        for row in range(3 * MAX_HANDS):
            self._program[f"u_light_of[{row}]"] = np.zeros((4, 4), np.float32)
        self._indices = {
            name: (gloo.IndexBuffer(), gloo.IndexBuffer()) for name in ("all", "solid", "edges")
        }
        join_canvas(self._program, self._flat, self._shadow, *chain(*self._indices.values()))
        self._groups = (range(0), range(0))
        self._batch: HandBatch | None = None
        self._skin_is_new = False

    def set_hands(self, batch: HandBatch) -> None:
        """Upload the hands of batch; index buffers change only with the number of hands."""
        self._batch, self._skin_is_new = batch, True
        seen, count = batch.seen_count, len(batch)
        if count:
            self._position.set_subdata(batch.vertices.reshape(-1, 3))
            self._normal.set_subdata(batch.normals.reshape(-1, 3))
        for slot, (hand, colour) in enumerate(zip(batch.hands, batch.colours, strict=True)):
            has_skin = float(hand.albedo is not None)
            for program in (self._program, self._flat):
                program[f"u_colour[{slot}]"] = (*colour, has_skin)
        groups = (range(seen), range(seen, count))
        if groups != self._groups:
            self._groups = groups
            self._set_indices()

    def _set_indices(self) -> None:
        """Say which vertices each group of hands is made of."""
        topology = self._topology
        for name, corners in (
            ("all", topology.faces),
            ("solid", topology.solid_faces),
            ("edges", topology.edges),
        ):
            for slots, buffer in zip(self._groups, self._indices[name], strict=True):
                if slots:
                    first = np.array(slots, np.uint32) * np.uint32(topology.vertex_count)
                    buffer.set_data((corners[None] + first[:, None, None]).ravel())

    def _upload_skin(self) -> None:
        """Upload what only skin needs: albedo, and the light of each hand."""
        if self._batch is None or not self._skin_is_new:
            return
        self._skin_is_new = False
        albedo = np.zeros_like(self._batch.vertices)
        for slot, hand in enumerate(self._batch.hands):
            if hand.albedo is None:
                continue
            albedo[slot] = hand.albedo
            light = _EVEN_LIGHT if hand.light is None else hand.light
            for colour, matrix in enumerate(light_matrices(light)):
                self._program[f"u_light_of[{3 * slot + colour}]"] = matrix
        if len(albedo):
            self._albedo.set_subdata(albedo.reshape(-1, 3))

    def draw(self, clip_from_camera: Float32, look: MeshLook) -> None:
        """Draw the hands over what is there.

        Args:
            clip_from_camera: (4, 4) for column vectors.
            look: how.
        """
        if look.surface == "skin":
            self._upload_skin()
        matrix = np.ascontiguousarray(clip_from_camera.T)  # vispy uploads row by row
        nearer = matrix.copy()
        nearer[:, 2] -= _EDGES_NEARER * matrix[:, 3]
        self._program["u_clip_from_camera"] = matrix
        self._program["u_eye"] = look.eye
        self._program["u_light"] = look.light
        self._program["u_up"] = look.up
        self._program["u_surface"] = _SURFACE_NUMBER[look.surface]
        self._program["u_lit"] = float(look.predicted_light)
        for group, share in enumerate((1.0, PREDICTED_OPACITY)):
            if self._groups[group]:
                self._flat["u_clip_from_camera"] = matrix
                self._draw_surfaces(group, look, look.opacity * share)
                if look.edges:
                    self._flat["u_clip_from_camera"] = nearer
                    self._draw_edges(group, look.filled, share)

    def _draw_surfaces(self, group: int, look: MeshLook, opacity: float) -> None:
        gloo.set_state(depth_test=True, blend=True, cull_face=False, depth_func="lequal")
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        gloo.set_depth_mask(True)
        if opacity < 1 or not look.filled:
            gloo.set_color_mask(False, False, False, False)
            self._flat.draw("triangles", self._indices["solid"][group])
            gloo.set_color_mask(True, True, True, True)
        if look.filled:
            self._program["u_opacity"] = opacity
            self._program.draw("triangles", self._indices["all"][group])

    def _draw_edges(self, group: int, over_surface: bool, share: float) -> None:
        opacity = _EDGES_OVER_SURFACE if over_surface else _EDGES_ALONE
        self._flat["u_brightness"] = 0.12 if over_surface else 1.0
        self._flat["u_opacity"] = opacity * share
        self._flat.draw("lines", self._indices["edges"][group])

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
        self._shadow["u_clip_from_camera"] = np.ascontiguousarray(clip_from_camera.T)
        self._shadow["u_shadow"] = colour
        self._shadow.draw("triangles", self._indices["solid"][0])


#: Where the network gives skin and no light.
_EVEN_LIGHT: Final = np.tile(np.eye(1, 9, dtype=np.float32) / np.float32(0.8862269), 3).ravel()
