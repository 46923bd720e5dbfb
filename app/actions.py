"""Everything that a person can do in the window, as one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMenuBar, QWidget

from app.theme import Theme, icon

_CONNECTED: Final = "connected"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing to do.

    Attributes:
        id: stable name.
        text: in menus; in English, as tip and menu are: the table is translated when it is used.
        shortcut: in Qt's portable form, several parted by "; "; empty for none.
        tip: what it does, one line.
        icon: of resources/icons; empty for none.
        menu: the menu that holds it.
        checkable: whether it is on or off.
        group: of actions of which one is on; empty for none.
    """

    id: str
    text: str
    shortcut: str
    tip: str
    icon: str
    menu: str
    checkable: bool = False
    group: str = ""


ACTIONS: Final = (
    ActionSpec("run", "Start", "Space", "Start or stop the source", "play", "Source"),
    ActionSpec("refresh", "Refresh cameras", "F5", "Look for cameras again", "refresh", "Source"),
    ActionSpec("open_file", "Open video or image...", "Ctrl+O", "Play a video or show an image",
               "film", "Source"),
    ActionSpec("open_folder", "Open image folder...", "Ctrl+Shift+O",
               "Go through the images of a folder", "folder", "Source"),
    ActionSpec("open_url", "Open address...", "Ctrl+U", "Play a stream (http, https, rtsp)",
               "link", "Source"),
    ActionSpec("open_demo", "Demo clip", "Ctrl+D", "Play the clip that comes with the program",
               "demo", "Source"),
    ActionSpec("turn", "Turn picture", "Ctrl+T",
               "Turn the source's pictures by a quarter to the right", "turn", "Source"),
    ActionSpec("build_engine", "Build the fast engine", "",
               "Build the network for this machine's GPU, while it runs on; again to cancel",
               "cpu", "Source", checkable=True),
    ActionSpec("calibrate", "Measure the lens...", "Ctrl+M",
               "Measure the camera's field of view with a board", "board", "Source"),
    ActionSpec("save_board", "Save the board...", "", "Write the board for measuring as PDF",
               "ruler", "Source"),
    ActionSpec("screenshot", "Save picture...", "Ctrl+S",
               "Save the live picture with its hands as PNG", "screenshot", "Source"),
    ActionSpec("quit", "Quit", "Ctrl+Q", "Close the program", "quit", "Source"),
    ActionSpec("record", "Record", "R", "Start or stop recording", "record", "Recording",
               checkable=True),
    ActionSpec("pause_recording", "Pause recording", "Shift+R",
               "Leave out what comes until you go on", "pause", "Recording", checkable=True),
    ActionSpec("marker", "Set marker", "K", "Mark this moment of the recording", "marker",
               "Recording"),
    ActionSpec("open_recording", "Open recording...", "Ctrl+R", "Play a recorded session", "play",
               "Recording"),
    ActionSpec("step_back", "One frame back", "Ctrl+Left", "Pause, and show the frame before",
               "step-back", "Recording"),
    ActionSpec("step_forward", "One frame on", "Ctrl+Right", "Pause, and show the next frame",
               "step-forward", "Recording"),
    ActionSpec("loop", "Play in a loop", "Ctrl+L", "Begin again at the end", "loop", "Recording",
               checkable=True),
    ActionSpec("range_in", "Begin here", "I", "Play from this moment on", "mark-in", "Recording"),
    ActionSpec("range_out", "End here", "O", "Play up to this moment", "mark-out", "Recording"),
    ActionSpec("range_all", "Play everything", "", "Forget where playing begins and ends", "",
               "Recording"),
    ActionSpec("export", "Export recording...", "Ctrl+E",
               "Write the recording for Blender, Unity, Unreal, Maya, Python or as a video",
               "export", "Recording"),
    ActionSpec("clean", "Clean recording...", "Ctrl+Shift+E",
               "Write the recording anew: smoothed without lag, gaps filled", "clean",
               "Recording"),
    ActionSpec("mirror", "Mirror", "M",
               "Show the picture as in a mirror; data and names stay as they are", "mirror", "View",
               checkable=True),
    ActionSpec("full_screen", "Full screen", "F11", "Fill the screen; again to return",
               "fullscreen", "View", checkable=True),
    ActionSpec("reset_layout", "Reset layout", "Ctrl+0", "Put every panel back in its place",
               "layout", "View"),
    ActionSpec("mesh", "Surface", "1", "Draw the hands' surface", "mesh", "Hands", checkable=True),
    ActionSpec("skeleton", "Skeleton", "2", "Draw joints and bones of the hand model", "skeleton",
               "Hands", checkable=True),
    ActionSpec("labels", "Names", "3", "Write side and number beside each hand", "label", "Hands",
               checkable=True),
    ActionSpec("wireframe", "Wireframe", "4", "Draw the edges of the surface", "wireframe",
               "Hands", checkable=True),
    ActionSpec("keypoints", "Keypoints", "5",
               "Draw the joints as the network saw them directly in the picture", "keypoints",
               "Hands", checkable=True),
    ActionSpec("boxes", "Boxes", "6", "Draw a frame around each hand", "box", "Hands",
               checkable=True),
    ActionSpec("colour_hand", "Hand colours", "Ctrl+1",
               "Give each hand a colour that colour-blind people can tell apart", "palette",
               "Hands", checkable=True, group="colour"),
    ActionSpec("colour_skin", "Own skin", "Ctrl+2", "Give each hand the skin that was predicted",
               "hand", "Hands", checkable=True, group="colour"),
    ActionSpec("colour_normals", "Normals", "Ctrl+3", "Colour the surface by where it faces",
               "normals", "Hands", checkable=True, group="colour"),
    ActionSpec("predicted_light", "Predicted light", "L",
               "Show skin under the light that was predicted; off: under the view's own light",
               "light", "Hands", checkable=True),
    ActionSpec("refine", "Freeze and refine...", "E",
               "Fit the hands of this picture to what it shows, and compare", "refine", "Hands"),
    ActionSpec("freeze", "Freeze", "Z", "Keep this picture with its hands; again to go on",
               "freeze", "Hands", checkable=True),
    ActionSpec("forget_hands", "Forget hands", "Ctrl+F",
               "Begin with new hands: new numbers, shapes learnt anew", "forget", "Hands"),
    ActionSpec("view_home", "Home", "H", "Look from the first place again", "home", "3D view"),
    ActionSpec("view_front", "Front", "F", "Look as the webcam does", "front", "3D view"),
    ActionSpec("view_side", "Side", "S", "Look from the right side", "side", "3D view"),
    ActionSpec("view_top", "Top", "T", "Look from above", "top", "3D view"),
    ActionSpec("trails", "Fingertip trails", "7", "Draw where the fingertips were", "trail",
               "3D view", checkable=True),
    ActionSpec("follow", "Follow the hands", "8", "Keep the hands in the middle", "follow",
               "3D view", checkable=True),
    ActionSpec("grid", "Grid and axes", "9", "Draw the floor with centimetres", "grid", "3D view",
               checkable=True),
    ActionSpec("screenshot_3d", "Save 3D view...", "Ctrl+Shift+S", "Save the 3D view as PNG",
               "screenshot", "3D view"),
    ActionSpec("theme_system", "As the system", "", "Dark or light, as the desktop is", "",
               "Theme", checkable=True, group="theme"),
    ActionSpec("theme_dark", "Dark", "", "Light text on a dark ground", "", "Theme",
               checkable=True, group="theme"),
    ActionSpec("theme_light", "Light", "", "Dark text on a light ground", "", "Theme",
               checkable=True, group="theme"),
    ActionSpec("font_larger", "Larger text", "Ctrl++; Ctrl+=", "Make every text larger", "",
               "View"),
    ActionSpec("font_smaller", "Smaller text", "Ctrl+-", "Make every text smaller", "", "View"),
    ActionSpec("font_normal", "Normal text", "Ctrl+9", "Give every text its first size again", "",
               "View"),
    ActionSpec("language_system", "As the system", "", "The language of the desktop", "",
               "Language", checkable=True, group="language"),
    ActionSpec("language_en", "English", "", "Texts in English", "", "Language",
               checkable=True, group="language"),
    ActionSpec("language_de", "Deutsch", "", "Texts in German", "", "Language",
               checkable=True, group="language"),
    ActionSpec("language_zh", "\u4e2d\u6587", "", "Texts in Chinese", "", "Language",
               checkable=True, group="language"),
    ActionSpec("palette", "Commands...", "Ctrl+Shift+P; Ctrl+K",
               "Find anything that can be done by some of its letters", "commands", "Help"),
    ActionSpec("help", "Help", "F1", "First steps and all keys", "info", "Help"),
    ActionSpec("shortcuts", "Keyboard shortcuts...", "Ctrl+F1",
               "Show what each key does, and change it", "keyboard", "Help"),
    ActionSpec("welcome", "Check this computer...", "",
               "Look whether camera, graphics, engine and network are there", "check", "Help"),
    ActionSpec("diagnostics", "Save diagnostics...", "",
               "Write a file for a bug report, without names, paths or pictures", "diagnostics",
               "Help"),
    ActionSpec("about", "About ManyHands", "", "Version and licence", "info", "Help"),
)  # fmt: skip


def make_actions(parent: QWidget) -> dict[str, QAction]:
    """Return one QAction per row, by id; all of them belong to parent and hear its keys."""
    actions: dict[str, QAction] = {}
    groups: dict[str, QActionGroup] = {}
    for spec in ACTIONS:
        action = QAction(_translated(spec.text), parent)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setWhatsThis(_translated(spec.tip))
        set_keys(action, spec.shortcut)
        if spec.group:
            groups.setdefault(spec.group, QActionGroup(parent)).addAction(action)
        parent.addAction(action)
        actions[spec.id] = action
    return actions


def set_keys(action: QAction, keys: str) -> None:
    """Give an action its keys, in Qt's portable form, and name the first one in its tip."""
    action.setShortcuts(QKeySequence.listFromString(keys))
    first = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = action.whatsThis()
    action.setToolTip(f"{tip} ({first})" if first else tip)


def _translated(text: str) -> str:
    return QCoreApplication.translate("Actions", text) if text else ""


def connect_actions(actions: Mapping[str, QAction], acts: Mapping[str, Callable[..., Any]]) -> None:
    """Say what rows of the table do; each row belongs to one controller.

    Args:
        actions: of the window, by id.
        acts: by id; called without arguments, or for a checkable row that is alone (no group)
            with whether it is on.

    Raises:
        ValueError: the row does something already.
        KeyError: there is no such row.
    """
    for name, act in acts.items():
        action = actions[name]
        if action.property(_CONNECTED):
            raise ValueError(f"the action {name} is connected already")
        action.setProperty(_CONNECTED, True)
        if action.isCheckable() and action.actionGroup() is None:
            action.toggled.connect(act)
        else:
            action.triggered.connect(lambda _checked, act=act: act())


def unconnected(actions: Mapping[str, QAction]) -> set[str]:
    """Return the rows that do nothing yet."""
    return {name for name, action in actions.items() if not action.property(_CONNECTED)}


def show_icons(actions: dict[str, QAction], theme: Theme, running: bool) -> None:
    """Draw every action's icon in the theme's colours; the run action shows what it would do."""
    stop = QCoreApplication.translate("Actions", "Stop")
    actions["run"].setText(stop if running else _translated("Start"))
    for spec in ACTIONS:
        name = "stop" if spec.id == "run" and running else spec.icon
        if name:
            actions[spec.id].setIcon(icon(name, theme))


def fill_menu_bar(
    bar: QMenuBar, actions: dict[str, QAction], more: Mapping[str, Sequence[QAction]]
) -> None:
    """Put every action into its menu, in the table's order; then what `more` adds to a menu."""
    for name in dict.fromkeys(spec.menu for spec in ACTIONS):
        menu = bar.addMenu(_translated(name))
        if menu is None:
            continue
        menu.addActions([actions[spec.id] for spec in ACTIONS if spec.menu == name])
        if more.get(name):
            menu.addSeparator()
            menu.addActions(list(more[name]))
