<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>Actions</name>
        <message>
            <source>3D view</source>
            <translation>3D view</translation>
        </message>
        <message>
            <source>About ManyHands</source>
            <translation>About ManyHands</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>As the system</translation>
        </message>
        <message>
            <source>Begin again at the end</source>
            <translation>Begin again at the end</translation>
        </message>
        <message>
            <source>Begin here</source>
            <translation>Begin here</translation>
        </message>
        <message>
            <source>Begin with new hands: new numbers, shapes learnt anew</source>
            <translation>Begin with new hands: new numbers, shapes learnt anew</translation>
        </message>
        <message>
            <source>Boxes</source>
            <translation>Boxes</translation>
        </message>
        <message>
            <source>Build the fast engine</source>
            <translation>Build the fast engine</translation>
        </message>
        <message>
            <source>Build the network for this machine's GPU, while it runs on; again to cancel</source>
            <translation>Build the network for this machine's GPU, while it runs on; again to cancel</translation>
        </message>
        <message>
            <source>Check this computer...</source>
            <translation>Check this computer...</translation>
        </message>
        <message>
            <source>Clean recording...</source>
            <translation>Clean recording...</translation>
        </message>
        <message>
            <source>Close the program</source>
            <translation>Close the program</translation>
        </message>
        <message>
            <source>Colour the surface by where it faces</source>
            <translation>Colour the surface by where it faces</translation>
        </message>
        <message>
            <source>Commands...</source>
            <translation>Commands...</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dark</translation>
        </message>
        <message>
            <source>Dark or light, as the desktop is</source>
            <translation>Dark or light, as the desktop is</translation>
        </message>
        <message>
            <source>Dark text on a light ground</source>
            <translation>Dark text on a light ground</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Demo clip</translation>
        </message>
        <message>
            <source>Deutsch</source>
            <translation>Deutsch</translation>
        </message>
        <message>
            <source>Draw a frame around each hand</source>
            <translation>Draw a frame around each hand</translation>
        </message>
        <message>
            <source>Draw joints and bones of the hand model</source>
            <translation>Draw joints and bones of the hand model</translation>
        </message>
        <message>
            <source>Draw the edges of the surface</source>
            <translation>Draw the edges of the surface</translation>
        </message>
        <message>
            <source>Draw the floor with centimetres</source>
            <translation>Draw the floor with centimetres</translation>
        </message>
        <message>
            <source>Draw the hands' surface</source>
            <translation>Draw the hands' surface</translation>
        </message>
        <message>
            <source>Draw the joints as the network saw them directly in the picture</source>
            <translation>Draw the joints as the network saw them directly in the picture</translation>
        </message>
        <message>
            <source>Draw where the fingertips were</source>
            <translation>Draw where the fingertips were</translation>
        </message>
        <message>
            <source>End here</source>
            <translation>End here</translation>
        </message>
        <message>
            <source>English</source>
            <translation>English</translation>
        </message>
        <message>
            <source>Export recording...</source>
            <translation>Export recording...</translation>
        </message>
        <message>
            <source>Fill the screen; again to return</source>
            <translation>Fill the screen; again to return</translation>
        </message>
        <message>
            <source>Find anything that can be done by some of its letters</source>
            <translation>Find anything that can be done by some of its letters</translation>
        </message>
        <message>
            <source>Fingertip trails</source>
            <translation>Fingertip trails</translation>
        </message>
        <message>
            <source>First steps and all keys</source>
            <translation>First steps and all keys</translation>
        </message>
        <message>
            <source>Fit the hands of this picture to what it shows, and compare</source>
            <translation>Fit the hands of this picture to what it shows, and compare</translation>
        </message>
        <message>
            <source>Follow the hands</source>
            <translation>Follow the hands</translation>
        </message>
        <message>
            <source>Forget hands</source>
            <translation>Forget hands</translation>
        </message>
        <message>
            <source>Forget where playing begins and ends</source>
            <translation>Forget where playing begins and ends</translation>
        </message>
        <message>
            <source>Freeze</source>
            <translation>Freeze</translation>
        </message>
        <message>
            <source>Freeze and refine...</source>
            <translation>Freeze and refine...</translation>
        </message>
        <message>
            <source>Front</source>
            <translation>Front</translation>
        </message>
        <message>
            <source>Full screen</source>
            <translation>Full screen</translation>
        </message>
        <message>
            <source>Give each hand a colour that colour-blind people can tell apart</source>
            <translation>Give each hand a colour that colour-blind people can tell apart</translation>
        </message>
        <message>
            <source>Give each hand the skin that was predicted</source>
            <translation>Give each hand the skin that was predicted</translation>
        </message>
        <message>
            <source>Give every text its first size again</source>
            <translation>Give every text its first size again</translation>
        </message>
        <message>
            <source>Go through the images of a folder</source>
            <translation>Go through the images of a folder</translation>
        </message>
        <message>
            <source>Grid and axes</source>
            <translation>Grid and axes</translation>
        </message>
        <message>
            <source>Hand colours</source>
            <translation>Hand colours</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hands</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Help</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Home</translation>
        </message>
        <message>
            <source>Keep the hands in the middle</source>
            <translation>Keep the hands in the middle</translation>
        </message>
        <message>
            <source>Keep this picture with its hands; again to go on</source>
            <translation>Keep this picture with its hands; again to go on</translation>
        </message>
        <message>
            <source>Keyboard shortcuts...</source>
            <translation>Keyboard shortcuts...</translation>
        </message>
        <message>
            <source>Keypoints</source>
            <translation>Keypoints</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Language</translation>
        </message>
        <message>
            <source>Larger text</source>
            <translation>Larger text</translation>
        </message>
        <message>
            <source>Leave out what comes until you go on</source>
            <translation>Leave out what comes until you go on</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Light</translation>
        </message>
        <message>
            <source>Light text on a dark ground</source>
            <translation>Light text on a dark ground</translation>
        </message>
        <message>
            <source>Look as the webcam does</source>
            <translation>Look as the webcam does</translation>
        </message>
        <message>
            <source>Look for cameras again</source>
            <translation>Look for cameras again</translation>
        </message>
        <message>
            <source>Look from above</source>
            <translation>Look from above</translation>
        </message>
        <message>
            <source>Look from the first place again</source>
            <translation>Look from the first place again</translation>
        </message>
        <message>
            <source>Look from the right side</source>
            <translation>Look from the right side</translation>
        </message>
        <message>
            <source>Look whether camera, graphics, engine and network are there</source>
            <translation>Look whether camera, graphics, engine and network are there</translation>
        </message>
        <message>
            <source>Make every text larger</source>
            <translation>Make every text larger</translation>
        </message>
        <message>
            <source>Make every text smaller</source>
            <translation>Make every text smaller</translation>
        </message>
        <message>
            <source>Mark this moment of the recording</source>
            <translation>Mark this moment of the recording</translation>
        </message>
        <message>
            <source>Measure the camera's field of view with a board</source>
            <translation>Measure the camera's field of view with a board</translation>
        </message>
        <message>
            <source>Measure the lens...</source>
            <translation>Measure the lens...</translation>
        </message>
        <message>
            <source>Mirror</source>
            <translation>Mirror</translation>
        </message>
        <message>
            <source>Names</source>
            <translation>Names</translation>
        </message>
        <message>
            <source>Normal text</source>
            <translation>Normal text</translation>
        </message>
        <message>
            <source>Normals</source>
            <translation>Normals</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>One frame back</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>One frame on</translation>
        </message>
        <message>
            <source>Open address...</source>
            <translation>Open address...</translation>
        </message>
        <message>
            <source>Open image folder...</source>
            <translation>Open image folder...</translation>
        </message>
        <message>
            <source>Open recording...</source>
            <translation>Open recording...</translation>
        </message>
        <message>
            <source>Open video or image...</source>
            <translation>Open video or image...</translation>
        </message>
        <message>
            <source>Own skin</source>
            <translation>Own skin</translation>
        </message>
        <message>
            <source>Pause recording</source>
            <translation>Pause recording</translation>
        </message>
        <message>
            <source>Pause, and show the frame before</source>
            <translation>Pause, and show the frame before</translation>
        </message>
        <message>
            <source>Pause, and show the next frame</source>
            <translation>Pause, and show the next frame</translation>
        </message>
        <message>
            <source>Play a recorded session</source>
            <translation>Play a recorded session</translation>
        </message>
        <message>
            <source>Play a stream (http, https, rtsp)</source>
            <translation>Play a stream (http, https, rtsp)</translation>
        </message>
        <message>
            <source>Play a video or show an image</source>
            <translation>Play a video or show an image</translation>
        </message>
        <message>
            <source>Play everything</source>
            <translation>Play everything</translation>
        </message>
        <message>
            <source>Play from this moment on</source>
            <translation>Play from this moment on</translation>
        </message>
        <message>
            <source>Play in a loop</source>
            <translation>Play in a loop</translation>
        </message>
        <message>
            <source>Play the clip that comes with the program</source>
            <translation>Play the clip that comes with the program</translation>
        </message>
        <message>
            <source>Play up to this moment</source>
            <translation>Play up to this moment</translation>
        </message>
        <message>
            <source>Predicted light</source>
            <translation>Predicted light</translation>
        </message>
        <message>
            <source>Put every panel back in its place</source>
            <translation>Put every panel back in its place</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Quit</translation>
        </message>
        <message>
            <source>Record</source>
            <translation>Record</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>Recording</translation>
        </message>
        <message>
            <source>Refresh cameras</source>
            <translation>Refresh cameras</translation>
        </message>
        <message>
            <source>Reset layout</source>
            <translation>Reset layout</translation>
        </message>
        <message>
            <source>Save 3D view...</source>
            <translation>Save 3D view...</translation>
        </message>
        <message>
            <source>Save diagnostics...</source>
            <translation>Save diagnostics...</translation>
        </message>
        <message>
            <source>Save picture...</source>
            <translation>Save picture...</translation>
        </message>
        <message>
            <source>Save the 3D view as PNG</source>
            <translation>Save the 3D view as PNG</translation>
        </message>
        <message>
            <source>Save the board...</source>
            <translation>Save the board...</translation>
        </message>
        <message>
            <source>Save the live picture with its hands as PNG</source>
            <translation>Save the live picture with its hands as PNG</translation>
        </message>
        <message>
            <source>Set marker</source>
            <translation>Set marker</translation>
        </message>
        <message>
            <source>Show skin under the light that was predicted; off: under the view's own light</source>
            <translation>Show skin under the light that was predicted; off: under the view's own light</translation>
        </message>
        <message>
            <source>Show the picture as in a mirror; data and names stay as they are</source>
            <translation>Show the picture as in a mirror; data and names stay as they are</translation>
        </message>
        <message>
            <source>Show what each key does, and change it</source>
            <translation>Show what each key does, and change it</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>Side</translation>
        </message>
        <message>
            <source>Skeleton</source>
            <translation>Skeleton</translation>
        </message>
        <message>
            <source>Smaller text</source>
            <translation>Smaller text</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Source</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>Start or stop recording</source>
            <translation>Start or stop recording</translation>
        </message>
        <message>
            <source>Start or stop the source</source>
            <translation>Start or stop the source</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Stop</translation>
        </message>
        <message>
            <source>Surface</source>
            <translation>Surface</translation>
        </message>
        <message>
            <source>Texts in Chinese</source>
            <translation>Texts in Chinese</translation>
        </message>
        <message>
            <source>Texts in English</source>
            <translation>Texts in English</translation>
        </message>
        <message>
            <source>Texts in German</source>
            <translation>Texts in German</translation>
        </message>
        <message>
            <source>The language of the desktop</source>
            <translation>The language of the desktop</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>Theme</translation>
        </message>
        <message>
            <source>Top</source>
            <translation>Top</translation>
        </message>
        <message>
            <source>Turn picture</source>
            <translation>Turn picture</translation>
        </message>
        <message>
            <source>Turn the source's pictures by a quarter to the right</source>
            <translation>Turn the source's pictures by a quarter to the right</translation>
        </message>
        <message>
            <source>Version and licence</source>
            <translation>Version and licence</translation>
        </message>
        <message>
            <source>View</source>
            <translation>View</translation>
        </message>
        <message>
            <source>Wireframe</source>
            <translation>Wireframe</translation>
        </message>
        <message>
            <source>Write a file for a bug report, without names, paths or pictures</source>
            <translation>Write a file for a bug report, without names, paths or pictures</translation>
        </message>
        <message>
            <source>Write side and number beside each hand</source>
            <translation>Write side and number beside each hand</translation>
        </message>
        <message>
            <source>Write the board for measuring as PDF</source>
            <translation>Write the board for measuring as PDF</translation>
        </message>
        <message>
            <source>Write the recording anew: smoothed without lag, gaps filled</source>
            <translation>Write the recording anew: smoothed without lag, gaps filled</translation>
        </message>
        <message>
            <source>Write the recording for Blender, Unity, Unreal, Maya, Python or as a video</source>
            <translation>Write the recording for Blender, Unity, Unreal, Maya, Python or as a video</translation>
        </message>
        <message>
            <source>中文</source>
            <translation>中文</translation>
        </message>
    </context>
    <context>
        <name>Banner</name>
        <message>
            <source>Close notice</source>
            <translation>Close notice</translation>
        </message>
        <message>
            <source>Copy details</source>
            <translation>Copy details</translation>
        </message>
        <message>
            <source>Notice</source>
            <translation>Notice</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>Retry</translation>
        </message>
    </context>
    <context>
        <name>BoardPreview</name>
        <message>
            <source>Picture with the board's corners</source>
            <translation>Picture with the board's corners</translation>
        </message>
    </context>
    <context>
        <name>CalibrationController</name>
        <message>
            <source>Lens</source>
            <translation>Lens</translation>
        </message>
        <message>
            <source>PDF files (*.pdf)</source>
            <translation>PDF files (*.pdf)</translation>
        </message>
        <message>
            <source>Save the board</source>
            <translation>Save the board</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Saved {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>{path} cannot be written</translation>
        </message>
    </context>
    <context>
        <name>CalibrationDialog</name>
        <message>
            <source>Any size will do, on paper or on a tablet, as long as it is flat.</source>
            <translation>Any size will do, on paper or on a tablet, as long as it is flat.</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>Board</translation>
        </message>
        <message>
            <source>Chess board</source>
            <translation>Chess board</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Discard</translation>
        </message>
        <message>
            <source>Field of view {fov}°
Focal length {focal} px ± {sd} %
Reprojection error {error} px from {views} views</source>
            <translation>Field of view {fov}°
Focal length {focal} px ± {sd} %
Reprojection error {error} px from {views} views</translation>
        </message>
        <message>
            <source>Good. Now elsewhere, or tilted another way.</source>
            <translation>Good. Now elsewhere, or tilted another way.</translation>
        </message>
        <message>
            <source>Hold it still for a moment.</source>
            <translation>Hold it still for a moment.</translation>
        </message>
        <message>
            <source>Hold the board into the picture.</source>
            <translation>Hold the board into the picture.</translation>
        </message>
        <message>
            <source>Inner corners</source>
            <translation>Inner corners</translation>
        </message>
        <message>
            <source>Inner corners across</source>
            <translation>Inner corners across</translation>
        </message>
        <message>
            <source>Inner corners down</source>
            <translation>Inner corners down</translation>
        </message>
        <message>
            <source>Measure</source>
            <translation>Measure</translation>
        </message>
        <message>
            <source>Measure the lens</source>
            <translation>Measure the lens</translation>
        </message>
        <message>
            <source>Measuring ...</source>
            <translation>Measuring ...</translation>
        </message>
        <message>
            <source>Save it to print...</source>
            <translation>Save it to print...</translation>
        </message>
        <message>
            <source>Start over</source>
            <translation>Start over</translation>
        </message>
        <message>
            <source>That is enough.</source>
            <translation>That is enough.</translation>
        </message>
        <message>
            <source>The corners fit badly: is the board flat, was it held still?</source>
            <translation>The corners fit badly: is the board flat, was it held still?</translation>
        </message>
        <message>
            <source>The corners fit.</source>
            <translation>The corners fit.</translation>
        </message>
        <message>
            <source>The program's board</source>
            <translation>The program's board</translation>
        </message>
        <message>
            <source>This view is known: move it to a part that is not green yet.</source>
            <translation>This view is known: move it to a part that is not green yet.</translation>
        </message>
        <message>
            <source>Tilt it: turn one edge towards the camera.</source>
            <translation>Tilt it: turn one edge towards the camera.</translation>
        </message>
        <message>
            <source>Tilted views</source>
            <translation>Tilted views</translation>
        </message>
        <message>
            <source>Use it</source>
            <translation>Use it</translation>
        </message>
        <message>
            <source>Views</source>
            <translation>Views</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>What to do</translation>
        </message>
        <message>
            <source>{n} of {all} tilted</source>
            <translation>{n} of {all} tilted</translation>
        </message>
        <message>
            <source>{n} of {all} views</source>
            <translation>{n} of {all} views</translation>
        </message>
    </context>
    <context>
        <name>CameraController</name>
        <message>
            <source>Camera</source>
            <translation>Camera</translation>
        </message>
    </context>
    <context>
        <name>CameraSettings</name>
        <message>
            <source>Automatic</source>
            <translation>Automatic</translation>
        </message>
        <message>
            <source>Automatic exposure</source>
            <translation>Automatic exposure</translation>
        </message>
        <message>
            <source>Driver</source>
            <translation>Driver</translation>
        </message>
        <message>
            <source>Exposure</source>
            <translation>Exposure</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>Frame rate</translation>
        </message>
        <message>
            <source>Head down</source>
            <translation>Head down</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>Measured</translation>
        </message>
        <message>
            <source>Picture size</source>
            <translation>Picture size</translation>
        </message>
        <message>
            <source>Quarter turn left</source>
            <translation>Quarter turn left</translation>
        </message>
        <message>
            <source>Quarter turn right</source>
            <translation>Quarter turn right</translation>
        </message>
        <message>
            <source>Rate</source>
            <translation>Rate</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Size</translation>
        </message>
        <message>
            <source>The camera mirrors its pictures: turn them back</source>
            <translation>The camera mirrors its pictures: turn them back</translation>
        </message>
        <message>
            <source>The driver does not let the exposure be fixed.</source>
            <translation>The driver does not let the exposure be fixed.</translation>
        </message>
        <message>
            <source>The driver gives another size than was asked for.</source>
            <translation>The driver gives another size than was asked for.</translation>
        </message>
        <message>
            <source>Turn</source>
            <translation>Turn</translation>
        </message>
        <message>
            <source>Turn the picture</source>
            <translation>Turn the picture</translation>
        </message>
        <message>
            <source>Upright</source>
            <translation>Upright</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>{rate} per second</translation>
        </message>
    </context>
    <context>
        <name>CameraView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>Live picture with hands</translation>
        </message>
    </context>
    <context>
        <name>CleanController</name>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Reading the recording ...</source>
            <translation>Reading the recording ...</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>{path}: {frames} frames</source>
            <translation>{path}: {frames} frames</translation>
        </message>
    </context>
    <context>
        <name>CleanDialog</name>
        <message>
            <source> steps for each frame; slow</source>
            <translation> steps for each frame; slow</translation>
        </message>
        <message>
            <source>Clean</source>
            <translation>Clean</translation>
        </message>
        <message>
            <source>Clean recording</source>
            <translation>Clean recording</translation>
        </message>
        <message>
            <source>Distance, px</source>
            <translation>Distance, px</translation>
        </message>
        <message>
            <source>Fill gaps up to</source>
            <translation>Fill gaps up to</translation>
        </message>
        <message>
            <source>Fit each hand to what was seen, before it is smoothed</source>
            <translation>Fit each hand to what was seen, before it is smoothed</translation>
        </message>
        <message>
            <source>Frames filled</source>
            <translation>Frames filled</translation>
        </message>
        <message>
            <source>Hand</source>
            <translation>Hand</translation>
        </message>
        <message>
            <source>Jitter, mm</source>
            <translation>Jitter, mm</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>Mean distance of its joints from the keypoints</translation>
        </message>
        <message>
            <source>No</source>
            <translation>No</translation>
        </message>
        <message>
            <source>None</source>
            <translation>None</translation>
        </message>
        <message>
            <source>Open it</source>
            <translation>Open it</translation>
        </message>
        <message>
            <source>Refine before</source>
            <translation>Refine before</translation>
        </message>
        <message>
            <source>What each hand has gained</source>
            <translation>What each hand has gained</translation>
        </message>
        <message>
            <source>Writes a new recording: smoothed forwards and backwards, so without lag; short gaps filled; one shape for each hand. The old one stays as it is.</source>
            <translation>Writes a new recording: smoothed forwards and backwards, so without lag; short gaps filled; one shape for each hand. The old one stays as it is.</translation>
        </message>
    </context>
    <context>
        <name>CommandPalette</name>
        <message>
            <source>Commands</source>
            <translation>Commands</translation>
        </message>
        <message>
            <source>Commands that fit</source>
            <translation>Commands that fit</translation>
        </message>
        <message>
            <source>Search commands</source>
            <translation>Search commands</translation>
        </message>
        <message>
            <source>Type some letters of what you want to do</source>
            <translation>Type some letters of what you want to do</translation>
        </message>
    </context>
    <context>
        <name>Controller</name>
        <message>
            <source>Everything else was kept.</source>
            <translation>Everything else was kept.</translation>
        </message>
    </context>
    <context>
        <name>Destination</name>
        <message>
            <source>Choose ...</source>
            <translation>Choose ...</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>Folder</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>Folder of the result</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name of the result</source>
            <translation>Name of the result</translation>
        </message>
    </context>
    <context>
        <name>Dialogs</name>
        <message>
            <source>About ManyHands</source>
            <translation>About ManyHands</translation>
        </message>
        <message>
            <source>Address of a video or stream (http, https, rtsp):</source>
            <translation>Address of a video or stream (http, https, rtsp):</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>All files (*)</translation>
        </message>
        <message>
            <source>Folder of recordings</source>
            <translation>Folder of recordings</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>Folder of the result</translation>
        </message>
        <message>
            <source>Free software under the GNU General Public License, version 3 or later.</source>
            <translation>Free software under the GNU General Public License, version 3 or later.</translation>
        </message>
        <message>
            <source>One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.</source>
            <translation>One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Open</translation>
        </message>
        <message>
            <source>Open address</source>
            <translation>Open address</translation>
        </message>
        <message>
            <source>Open image folder</source>
            <translation>Open image folder</translation>
        </message>
        <message>
            <source>Open recording (name.hands)</source>
            <translation>Open recording (name.hands)</translation>
        </message>
        <message>
            <source>Open video or image</source>
            <translation>Open video or image</translation>
        </message>
        <message>
            <source>Videos and images ({endings})</source>
            <translation>Videos and images ({endings})</translation>
        </message>
    </context>
    <context>
        <name>DockTitle</name>
        <message>
            <source>Float {panel}</source>
            <translation>Float {panel}</translation>
        </message>
        <message>
            <source>Own window, or back into its place</source>
            <translation>Own window, or back into its place</translation>
        </message>
    </context>
    <context>
        <name>DropTarget</name>
        <message>
            <source>Drop to open</source>
            <translation>Drop to open</translation>
        </message>
    </context>
    <context>
        <name>EngineBuilder</name>
        <message>
            <source>the builder ended with {code}</source>
            <translation>the builder ended with {code}</translation>
        </message>
    </context>
    <context>
        <name>EnginesController</name>
        <message>
            <source>Fast engine {percent} %</source>
            <translation>Fast engine {percent} %</translation>
        </message>
        <message>
            <source>Only with an NVIDIA GPU: {reason}</source>
            <translation>Only with an NVIDIA GPU: {reason}</translation>
        </message>
        <message>
            <source>Open a source first: the engine is built for its shape.</source>
            <translation>Open a source first: the engine is built for its shape.</translation>
        </message>
        <message>
            <source>The fast engine could not be built.</source>
            <translation>The fast engine could not be built.</translation>
        </message>
        <message>
            <source>The fast engine is built and takes over.</source>
            <translation>The fast engine is built and takes over.</translation>
        </message>
        <message>
            <source>What finds the hands has failed and was replaced: {failure}</source>
            <translation>What finds the hands has failed and was replaced: {failure}</translation>
        </message>
        <message>
            <source>starting</source>
            <translation>starting</translation>
        </message>
    </context>
    <context>
        <name>Errors</name>
        <message>
            <source>A file of the model is damaged.</source>
            <translation>A file of the model is damaged.</translation>
        </message>
        <message>
            <source>A file of the model is missing.</source>
            <translation>A file of the model is missing.</translation>
        </message>
        <message>
            <source>A file of the model is not the one that was published.</source>
            <translation>A file of the model is not the one that was published.</translation>
        </message>
        <message>
            <source>A package that writes this format is missing.</source>
            <translation>A package that writes this format is missing.</translation>
        </message>
        <message>
            <source>A setting is not known.</source>
            <translation>A setting is not known.</translation>
        </message>
        <message>
            <source>A value is not known, or does not go with the others.</source>
            <translation>A value is not known, or does not go with the others.</translation>
        </message>
        <message>
            <source>A value is out of range, or nothing lies in the chosen part.</source>
            <translation>A value is out of range, or nothing lies in the chosen part.</translation>
        </message>
        <message>
            <source>Allow it in the system's privacy settings; on Linux join the group video.</source>
            <translation>Allow it in the system's privacy settings; on Linux join the group video.</translation>
        </message>
        <message>
            <source>Another program has this port.</source>
            <translation>Another program has this port.</translation>
        </message>
        <message>
            <source>Bring it back, or choose another folder.</source>
            <translation>Bring it back, or choose another folder.</translation>
        </message>
        <message>
            <source>Build it anew: Source, Build the fast engine.</source>
            <translation>Build it anew: Source, Build the fast engine.</translation>
        </message>
        <message>
            <source>Check its name, or reset the settings.</source>
            <translation>Check its name, or reset the settings.</translation>
        </message>
        <message>
            <source>Check its plug or the network, then try again.</source>
            <translation>Check its plug or the network, then try again.</translation>
        </message>
        <message>
            <source>Check the address and the network.</source>
            <translation>Check the address and the network.</translation>
        </message>
        <message>
            <source>Choose a folder that ManyHands has recorded.</source>
            <translation>Choose a folder that ManyHands has recorded.</translation>
        </message>
        <message>
            <source>Choose a folder that ends with .hands.</source>
            <translation>Choose a folder that ends with .hands.</translation>
        </message>
        <message>
            <source>Choose a folder with JPEG or PNG pictures.</source>
            <translation>Choose a folder with JPEG or PNG pictures.</translation>
        </message>
        <message>
            <source>Choose another engine, or install what it needs.</source>
            <translation>Choose another engine, or install what it needs.</translation>
        </message>
        <message>
            <source>Choose another engine, or restart the program.</source>
            <translation>Choose another engine, or restart the program.</translation>
        </message>
        <message>
            <source>Choose another mode of the camera, or another source.</source>
            <translation>Choose another mode of the camera, or another source.</translation>
        </message>
        <message>
            <source>Choose another name or folder; replace what is there only if you mean it.</source>
            <translation>Choose another name or folder; replace what is there only if you mean it.</translation>
        </message>
        <message>
            <source>Choose another one.</source>
            <translation>Choose another one.</translation>
        </message>
        <message>
            <source>Choose another port.</source>
            <translation>Choose another port.</translation>
        </message>
        <message>
            <source>Choose one that is there.</source>
            <translation>Choose one that is there.</translation>
        </message>
        <message>
            <source>Choose what needs none.</source>
            <translation>Choose what needs none.</translation>
        </message>
        <message>
            <source>Close other programs, or choose the processor as engine.</source>
            <translation>Close other programs, or choose the processor as engine.</translation>
        </message>
        <message>
            <source>Close the other program, then try again.</source>
            <translation>Close the other program, then try again.</translation>
        </message>
        <message>
            <source>Download it from its publisher again.</source>
            <translation>Download it from its publisher again.</translation>
        </message>
        <message>
            <source>Free some space, or choose another disk.</source>
            <translation>Free some space, or choose another disk.</translation>
        </message>
        <message>
            <source>Install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>Install a graphics driver; Mesa's needs no graphics card.</translation>
        </message>
        <message>
            <source>Install it, or choose another format.</source>
            <translation>Install it, or choose another format.</translation>
        </message>
        <message>
            <source>Install the program anew, or fetch the file again.</source>
            <translation>Install the program anew, or fetch the file again.</translation>
        </message>
        <message>
            <source>Install the program anew, or import the file.</source>
            <translation>Install the program anew, or import the file.</translation>
        </message>
        <message>
            <source>Install the program anew.</source>
            <translation>Install the program anew.</translation>
        </message>
        <message>
            <source>It cannot be written there.</source>
            <translation>It cannot be written there.</translation>
        </message>
        <message>
            <source>It is still being recorded.</source>
            <translation>It is still being recorded.</translation>
        </message>
        <message>
            <source>ManyHands is open already.</source>
            <translation>ManyHands is open already.</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>No camera was found.</translation>
        </message>
        <message>
            <source>No picture in the folder can be read.</source>
            <translation>No picture in the folder can be read.</translation>
        </message>
        <message>
            <source>No window can open.</source>
            <translation>No window can open.</translation>
        </message>
        <message>
            <source>Nothing can be sent there.</source>
            <translation>Nothing can be sent there.</translation>
        </message>
        <message>
            <source>Nothing in the recording can be read.</source>
            <translation>Nothing in the recording can be read.</translation>
        </message>
        <message>
            <source>Open another file, or convert this one to MP4, JPEG or PNG.</source>
            <translation>Open another file, or convert this one to MP4, JPEG or PNG.</translation>
        </message>
        <message>
            <source>OpenGL cannot be used.</source>
            <translation>OpenGL cannot be used.</translation>
        </message>
        <message>
            <source>Plug a camera in, or open a video.</source>
            <translation>Plug a camera in, or open a video.</translation>
        </message>
        <message>
            <source>Record without pictures, or onto another disk.</source>
            <translation>Record without pictures, or onto another disk.</translation>
        </message>
        <message>
            <source>Show the board again, at more angles and closer.</source>
            <translation>Show the board again, at more angles and closer.</translation>
        </message>
        <message>
            <source>Start it on a desktop.</source>
            <translation>Start it on a desktop.</translation>
        </message>
        <message>
            <source>Stop the recording first.</source>
            <translation>Stop the recording first.</translation>
        </message>
        <message>
            <source>The address cannot be reached.</source>
            <translation>The address cannot be reached.</translation>
        </message>
        <message>
            <source>The address cannot be used.</source>
            <translation>The address cannot be used.</translation>
        </message>
        <message>
            <source>The camera is in use by another program.</source>
            <translation>The camera is in use by another program.</translation>
        </message>
        <message>
            <source>The camera may not be used.</source>
            <translation>The camera may not be used.</translation>
        </message>
        <message>
            <source>The computation failed.</source>
            <translation>The computation failed.</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>The disk is full.</translation>
        </message>
        <message>
            <source>The disk is too slow.</source>
            <translation>The disk is too slow.</translation>
        </message>
        <message>
            <source>The fast engine was not built.</source>
            <translation>The fast engine was not built.</translation>
        </message>
        <message>
            <source>The fast engine's file was refused.</source>
            <translation>The fast engine's file was refused.</translation>
        </message>
        <message>
            <source>The file cannot be read.</source>
            <translation>The file cannot be read.</translation>
        </message>
        <message>
            <source>The file or folder is not there.</source>
            <translation>The file or folder is not there.</translation>
        </message>
        <message>
            <source>The folder has gone.</source>
            <translation>The folder has gone.</translation>
        </message>
        <message>
            <source>The lens could not be determined.</source>
            <translation>The lens could not be determined.</translation>
        </message>
        <message>
            <source>The memory is full.</source>
            <translation>The memory is full.</translation>
        </message>
        <message>
            <source>The model's file was refused: it might run code.</source>
            <translation>The model's file was refused: it might run code.</translation>
        </message>
        <message>
            <source>The network's answers cannot be used.</source>
            <translation>The network's answers cannot be used.</translation>
        </message>
        <message>
            <source>The pictures have a format that is not known.</source>
            <translation>The pictures have a format that is not known.</translation>
        </message>
        <message>
            <source>The program works on without it; the log says more.</source>
            <translation>The program works on without it; the log says more.</translation>
        </message>
        <message>
            <source>The recording has no pictures.</source>
            <translation>The recording has no pictures.</translation>
        </message>
        <message>
            <source>The recording is not there.</source>
            <translation>The recording is not there.</translation>
        </message>
        <message>
            <source>The recording is of a newer version.</source>
            <translation>The recording is of a newer version.</translation>
        </message>
        <message>
            <source>The source gives no pictures any more.</source>
            <translation>The source gives no pictures any more.</translation>
        </message>
        <message>
            <source>The source was lost.</source>
            <translation>The source was lost.</translation>
        </message>
        <message>
            <source>The weights are those of another network.</source>
            <translation>The weights are those of another network.</translation>
        </message>
        <message>
            <source>The weights hold numbers that are none.</source>
            <translation>The weights hold numbers that are none.</translation>
        </message>
        <message>
            <source>This engine is not available here.</source>
            <translation>This engine is not available here.</translation>
        </message>
        <message>
            <source>This is no recording.</source>
            <translation>This is no recording.</translation>
        </message>
        <message>
            <source>Try `manyhands recover`, or open another recording.</source>
            <translation>Try `manyhands recover`, or open another recording.</translation>
        </message>
        <message>
            <source>Try again; if it fails again, choose another engine.</source>
            <translation>Try again; if it fails again, choose another engine.</translation>
        </message>
        <message>
            <source>Unplug the camera and plug it in again, or choose another source.</source>
            <translation>Unplug the camera and plug it in again, or choose another source.</translation>
        </message>
        <message>
            <source>Update ManyHands.</source>
            <translation>Update ManyHands.</translation>
        </message>
        <message>
            <source>Use its window, or start another one with `manyhands --multi`.</source>
            <translation>Use its window, or start another one with `manyhands --multi`.</translation>
        </message>
        <message>
            <source>Use the weights that came with the program.</source>
            <translation>Use the weights that came with the program.</translation>
        </message>
        <message>
            <source>Write HOST:PORT, such as 127.0.0.1:9000.</source>
            <translation>Write HOST:PORT, such as 127.0.0.1:9000.</translation>
        </message>
    </context>
    <context>
        <name>ExportController</name>
        <message>
            <source>Reading the recording ...</source>
            <translation>Reading the recording ...</translation>
        </message>
        <message>
            <source>no hands</source>
            <translation>no hands</translation>
        </message>
        <message>
            <source>{path}: {frames} frames, {hands}</source>
            <translation>{path}: {frames} frames, {hands}</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source> per second</source>
            <translation> per second</translation>
        </message>
        <message>
            <source>All ({count})</source>
            <translation>All ({count})</translation>
        </message>
        <message>
            <source>Any 3D program; a folder, or a file for one frame.</source>
            <translation>Any 3D program; a folder, or a file for one frame.</translation>
        </message>
        <message>
            <source>As measured, unsmoothed</source>
            <translation>As measured, unsmoothed</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>As recorded</translation>
        </message>
        <message>
            <source>As shown, smoothed</source>
            <translation>As shown, smoothed</translation>
        </message>
        <message>
            <source>Axes</source>
            <translation>Axes</translation>
        </message>
        <message>
            <source>BVH: skeleton motion</source>
            <translation>BVH: skeleton motion</translation>
        </message>
        <message>
            <source>Between the marks ({time})</source>
            <translation>Between the marks ({time})</translation>
        </message>
        <message>
            <source>Blender, Unity, Unreal, Godot, web pages.</source>
            <translation>Blender, Unity, Unreal, Godot, web pages.</translation>
        </message>
        <message>
            <source>Blender: z up, m</source>
            <translation>Blender: z up, m</translation>
        </message>
        <message>
            <source>CSV: table</source>
            <translation>CSV: table</translation>
        </message>
        <message>
            <source>Camera: x right, y down, z forward, m</source>
            <translation>Camera: x right, y down, z forward, m</translation>
        </message>
        <message>
            <source>Everything ({time})</source>
            <translation>Everything ({time})</translation>
        </message>
        <message>
            <source>Exact surface (morph targets; a larger file)</source>
            <translation>Exact surface (morph targets; a larger file)</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Export</translation>
        </message>
        <message>
            <source>Export recording</source>
            <translation>Export recording</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Frames per second</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hands</translation>
        </message>
        <message>
            <source>JSON: numbers with names</source>
            <translation>JSON: numbers with names</translation>
        </message>
        <message>
            <source>MANO parameters (.npz)</source>
            <translation>MANO parameters (.npz)</translation>
        </message>
        <message>
            <source>Maya, MotionBuilder, Blender; one file for each hand.</source>
            <translation>Maya, MotionBuilder, Blender; one file for each hand.</translation>
        </message>
        <message>
            <source>Maya: y up, cm</source>
            <translation>Maya: y up, cm</translation>
        </message>
        <message>
            <source>MeshLab; a folder, or a file for one frame.</source>
            <translation>MeshLab; a folder, or a file for one frame.</translation>
        </message>
        <message>
            <source>Needs the model: `manyhands mano import FILE`.</source>
            <translation>Needs the model: `manyhands mano import FILE`.</translation>
        </message>
        <message>
            <source>NumPy (.npz): arrays</source>
            <translation>NumPy (.npz): arrays</translation>
        </message>
        <message>
            <source>OBJ: a mesh for each frame</source>
            <translation>OBJ: a mesh for each frame</translation>
        </message>
        <message>
            <source>Omniverse, Houdini, Maya.</source>
            <translation>Omniverse, Houdini, Maya.</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>Open folder</translation>
        </message>
        <message>
            <source>PLY: a coloured mesh for each frame</source>
            <translation>PLY: a coloured mesh for each frame</translation>
        </message>
        <message>
            <source>Part</source>
            <translation>Part</translation>
        </message>
        <message>
            <source>Python: poses, shapes, joints and confidences.</source>
            <translation>Python: poses, shapes, joints and confidences.</translation>
        </message>
        <message>
            <source>Replace what has this name</source>
            <translation>Replace what has this name</translation>
        </message>
        <message>
            <source>Scene: y up, z to the viewer, m</source>
            <translation>Scene: y up, z to the viewer, m</translation>
        </message>
        <message>
            <source>Scripts and web pages.</source>
            <translation>Scripts and web pages.</translation>
        </message>
        <message>
            <source>Spreadsheets, R, MATLAB: a row for each hand.</source>
            <translation>Spreadsheets, R, MATLAB: a row for each hand.</translation>
        </message>
        <message>
            <source>To look at; needs a recording with pictures.</source>
            <translation>To look at; needs a recording with pictures.</translation>
        </message>
        <message>
            <source>USD: animated mesh</source>
            <translation>USD: animated mesh</translation>
        </message>
        <message>
            <source>Unity: y up, m</source>
            <translation>Unity: y up, m</translation>
        </message>
        <message>
            <source>Unreal: z up, cm</source>
            <translation>Unreal: z up, cm</translation>
        </message>
        <message>
            <source>Values</source>
            <translation>Values</translation>
        </message>
        <message>
            <source>Video (.mp4) with the hands drawn</source>
            <translation>Video (.mp4) with the hands drawn</translation>
        </message>
        <message>
            <source>glTF (.glb): animated mesh</source>
            <translation>glTF (.glb): animated mesh</translation>
        </message>
        <message>
            <source>{axes} (usual)</source>
            <translation>{axes} (usual)</translation>
        </message>
        <message>
            <source>{hand} alone ({frames} frames)</source>
            <translation>{hand} alone ({frames} frames)</translation>
        </message>
    </context>
    <context>
        <name>FaultController</name>
        <message>
            <source>--software-gl has no effect: {renderer} draws.</source>
            <translation>--software-gl has no effect: {renderer} draws.</translation>
        </message>
        <message>
            <source>Camera lost: {cause}</source>
            <translation>Camera lost: {cause}</translation>
        </message>
        <message>
            <source>Install Mesa's software driver (Debian, Ubuntu: libgl1-mesa-dri), or start with --safe-mode.</source>
            <translation>Install Mesa's software driver (Debian, Ubuntu: libgl1-mesa-dri), or start with --safe-mode.</translation>
        </message>
        <message>
            <source>It is opened again as soon as it is back; or choose another source.</source>
            <translation>It is opened again as soon as it is back; or choose another source.</translation>
        </message>
        <message>
            <source>Nothing that you change is kept. Start without --safe-mode to return.</source>
            <translation>Nothing that you change is kept. Start without --safe-mode to return.</translation>
        </message>
        <message>
            <source>OpenGL cannot be used: {reason}</source>
            <translation>OpenGL cannot be used: {reason}</translation>
        </message>
        <message>
            <source>OpenGL has failed: {reason}</source>
            <translation>OpenGL has failed: {reason}</translation>
        </message>
        <message>
            <source>Safe mode: default settings, no OpenGL.</source>
            <translation>Safe mode: default settings, no OpenGL.</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Restart to try again; if it happens again, start with --software-gl or use another graphics driver.</source>
            <translation>The picture is drawn without it, and there is no 3D view. Restart to try again; if it happens again, start with --software-gl or use another graphics driver.</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Start with --software-gl, or install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>The picture is drawn without it, and there is no 3D view. Start with --software-gl, or install a graphics driver; Mesa's needs no graphics card.</translation>
        </message>
        <message>
            <source>The program goes on. If it happens again, send us the details.</source>
            <translation>The program goes on. If it happens again, send us the details.</translation>
        </message>
        <message>
            <source>The program works on with defaults.</source>
            <translation>The program works on with defaults.</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Try now</translation>
        </message>
    </context>
    <context>
        <name>Fingers</name>
        <message>
            <source>Index</source>
            <translation>Index</translation>
        </message>
        <message>
            <source>Little</source>
            <translation>Little</translation>
        </message>
        <message>
            <source>Middle</source>
            <translation>Middle</translation>
        </message>
        <message>
            <source>Ring</source>
            <translation>Ring</translation>
        </message>
        <message>
            <source>Thumb</source>
            <translation>Thumb</translation>
        </message>
    </context>
    <context>
        <name>FlexionPlot</name>
        <message>
            <source>Flexion of each finger</source>
            <translation>Flexion of each finger</translation>
        </message>
    </context>
    <context>
        <name>HandCard</name>
        <message>
            <source>predicted</source>
            <translation>predicted</translation>
        </message>
        <message>
            <source>shape learning {percent:.0f} %</source>
            <translation>shape learning {percent:.0f} %</translation>
        </message>
        <message>
            <source>shape locked</source>
            <translation>shape locked</translation>
        </message>
        <message>
            <source>{cm:.0f} cm</source>
            <translation>{cm:.0f} cm</translation>
        </message>
        <message>
            <source>{cm:.0f} ± {off:.0f} cm</source>
            <translation>{cm:.0f} ± {off:.0f} cm</translation>
        </message>
        <message>
            <source>{percent:.0f} % sure</source>
            <translation>{percent:.0f} % sure</translation>
        </message>
    </context>
    <context>
        <name>Hands</name>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
    </context>
    <context>
        <name>HandsPanel</name>
        <message>
            <source>No hands in the picture.</source>
            <translation>No hands in the picture.</translation>
        </message>
    </context>
    <context>
        <name>HealthController</name>
        <message>
            <source>Health</source>
            <translation>Health</translation>
        </message>
    </context>
    <context>
        <name>HealthPanel</name>
        <message>
            <source>Brightness</source>
            <translation>Brightness</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>Frame rate</translation>
        </message>
        <message>
            <source>Hands cannot be tracked</source>
            <translation>Hands cannot be tracked</translation>
        </message>
        <message>
            <source>No camera is watched</source>
            <translation>No camera is watched</translation>
        </message>
        <message>
            <source>Of moving hands, against the same hands at rest</source>
            <translation>Of moving hands, against the same hands at rest</translation>
        </message>
        <message>
            <source>Sharpness</source>
            <translation>Sharpness</translation>
        </message>
        <message>
            <source>So far: {list}</source>
            <translation>So far: {list}</translation>
        </message>
        <message>
            <source>The camera is fine</source>
            <translation>The camera is fine</translation>
        </message>
        <message>
            <source>Tracking could be better</source>
            <translation>Tracking could be better</translation>
        </message>
        <message>
            <source>hands at rest</source>
            <translation>hands at rest</translation>
        </message>
        <message>
            <source>{measured} of {wanted} fps</source>
            <translation>{measured} of {wanted} fps</translation>
        </message>
        <message>
            <source>{rate} fps</source>
            <translation>{rate} fps</translation>
        </message>
    </context>
    <context>
        <name>HelpController</name>
        <message>
            <source>It holds no names, paths or pictures. Look into it before you send it.</source>
            <translation>It holds no names, paths or pictures. Look into it before you send it.</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>Looking at this computer ...</translation>
        </message>
        <message>
            <source>Save diagnostics</source>
            <translation>Save diagnostics</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Saved {path}</translation>
        </message>
        <message>
            <source>The language changes at the next start.</source>
            <translation>The language changes at the next start.</translation>
        </message>
        <message>
            <source>Zip files (*.zip)</source>
            <translation>Zip files (*.zip)</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>A notice over the picture says what happened and what to do. Help, Check this computer looks for what is missing; Help, Save diagnostics writes a file for a bug report without names, paths or pictures. The log is {path}.</source>
            <translation>A notice over the picture says what happened and what to do. Help, Check this computer looks for what is missing; Help, Save diagnostics writes a file for a bug report without names, paths or pictures. The log is {path}.</translation>
        </message>
        <message>
            <source>Choose what to look at</source>
            <translation>Choose what to look at</translation>
        </message>
        <message>
            <source>Drag in the 3D view to turn it, with Shift or the right button to move it, and use the wheel to come closer. The buttons of its title look from the front, the side and above. Panels can be dragged elsewhere by their titles; Reset layout puts them back.</source>
            <translation>Drag in the 3D view to turn it, with Shift or the right button to move it, and use the wheel to come closer. The buttons of its title look from the front, the side and above. Panels can be dragged elsewhere by their titles; Reset layout puts them back.</translation>
        </message>
        <message>
            <source>Each hand has its colour, its side and its number. The bar at the top switches surface, skeleton and names, and the slider lets the picture shine through. Mirror changes only what you see: a left hand stays a left hand.</source>
            <translation>Each hand has its colour, its side and its number. The bar at the top switches surface, skeleton and names, and the slider lets the picture shine through. Mirror changes only what you see: a left hand stays a left hand.</translation>
        </message>
        <message>
            <source>First steps</source>
            <translation>First steps</translation>
        </message>
        <message>
            <source>Give the hands light, and keep them within two metres. The latency panel shows where the time goes; the status bar names the engine, and its tip why no faster one runs.</source>
            <translation>Give the hands light, and keep them within two metres. The latency panel shows where the time goes; the status bar names the engine, and its tip why no faster one runs.</translation>
        </message>
        <message>
            <source>Hands in space</source>
            <translation>Hands in space</translation>
        </message>
        <message>
            <source>Hands on the picture</source>
            <translation>Hands on the picture</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Help</translation>
        </message>
        <message>
            <source>Keyboard</source>
            <translation>Keyboard</translation>
        </message>
        <message>
            <source>The list at the top left holds your cameras and the demo clip; the folder beside it opens a video, a folder of images or an address. A file can also be dropped onto the window. The bar below names the real picture size and rate.</source>
            <translation>The list at the top left holds your cameras and the demo clip; the folder beside it opens a video, a folder of images or an address. A file can also be dropped onto the window. The bar below names the real picture size and rate.</translation>
        </message>
        <message>
            <source>When it is slow or shaky</source>
            <translation>When it is slow or shaky</translation>
        </message>
        <message>
            <source>When something fails</source>
            <translation>When something fails</translation>
        </message>
    </context>
    <context>
        <name>JobBar</name>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Cancelled: nothing was written.</source>
            <translation>Cancelled: nothing was written.</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>Progress</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
    </context>
    <context>
        <name>KeysController</name>
        <message>
            <source>Panel</source>
            <translation>Panel</translation>
        </message>
    </context>
    <context>
        <name>LensPanel</name>
        <message>
            <source>As you typed it.</source>
            <translation>As you typed it.</translation>
        </message>
        <message>
            <source>Assumed: most webcams have 55 to 90 degrees.</source>
            <translation>Assumed: most webcams have 55 to 90 degrees.</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>Board</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>Choose a model</translation>
        </message>
        <message>
            <source>Distance</source>
            <translation>Distance</translation>
        </message>
        <message>
            <source>Field of view</source>
            <translation>Field of view</translation>
        </message>
        <message>
            <source>Field of view {fov}°, focal length ± {sd} %</source>
            <translation>Field of view {fov}°, focal length ± {sd} %</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>Forget</translation>
        </message>
        <message>
            <source>From the data sheet of this model.</source>
            <translation>From the data sheet of this model.</translation>
        </message>
        <message>
            <source>Known webcam</source>
            <translation>Known webcam</translation>
        </message>
        <message>
            <source>Length of your hand</source>
            <translation>Length of your hand</translation>
        </message>
        <message>
            <source>Measured with a board, reprojection error {error} px.</source>
            <translation>Measured with a board, reprojection error {error} px.</translation>
        </message>
        <message>
            <source>Typed</source>
            <translation>Typed</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>Use</translation>
        </message>
        <message>
            <source>Webcam</source>
            <translation>Webcam</translation>
        </message>
        <message>
            <source>What the field of view spans</source>
            <translation>What the field of view spans</translation>
        </message>
        <message>
            <source>Your hand</source>
            <translation>Your hand</translation>
        </message>
        <message>
            <source>diagonal</source>
            <translation>diagonal</translation>
        </message>
        <message>
            <source>from the crease of the wrist to the tip of the middle finger</source>
            <translation>from the crease of the wrist to the tip of the middle finger</translation>
        </message>
        <message>
            <source>horizontal</source>
            <translation>horizontal</translation>
        </message>
        <message>
            <source>not measured</source>
            <translation>not measured</translation>
        </message>
        <message>
            <source>vertical</source>
            <translation>vertical</translation>
        </message>
    </context>
    <context>
        <name>LiveController</name>
        <message>
            <source>Hands</source>
            <translation>Hands</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>3D view</source>
            <translation>3D view</translation>
        </message>
        <message>
            <source>Latency</source>
            <translation>Latency</translation>
        </message>
        <message>
            <source>The 3D view needs OpenGL,
which is missing here.</source>
            <translation>The 3D view needs OpenGL,
which is missing here.</translation>
        </message>
    </context>
    <context>
        <name>NumbersController</name>
        <message>
            <source>Numbers</source>
            <translation>Numbers</translation>
        </message>
    </context>
    <context>
        <name>NumbersPanel</name>
        <message>
            <source>Captured</source>
            <translation>Captured</translation>
        </message>
        <message>
            <source>Delay</source>
            <translation>Delay</translation>
        </message>
        <message>
            <source>Drawn</source>
            <translation>Drawn</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>Dropped</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Engine</translation>
        </message>
        <message>
            <source>From reading a picture to drawing it with its hands</source>
            <translation>From reading a picture to drawing it with its hands</translation>
        </message>
        <message>
            <source>Graphics card</source>
            <translation>Graphics card</translation>
        </message>
        <message>
            <source>Hands that were left out, for their numbers were impossible</source>
            <translation>Hands that were left out, for their numbers were impossible</translation>
        </message>
        <message>
            <source>How busy it is, and its memory</source>
            <translation>How busy it is, and its memory</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>Memory</translation>
        </message>
        <message>
            <source>Of the network's numbers</source>
            <translation>Of the network's numbers</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free</source>
            <translation>Pictures that a newer one replaced before the network was free</translation>
        </message>
        <message>
            <source>Pictures that go through the network</source>
            <translation>Pictures that go through the network</translation>
        </message>
        <message>
            <source>Pictures that reach the screen</source>
            <translation>Pictures that reach the screen</translation>
        </message>
        <message>
            <source>Pictures that the source gives</source>
            <translation>Pictures that the source gives</translation>
        </message>
        <message>
            <source>Precision</source>
            <translation>Precision</translation>
        </message>
        <message>
            <source>Processed</source>
            <translation>Processed</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>Processor</translation>
        </message>
        <message>
            <source>Rejected hands</source>
            <translation>Rejected hands</translation>
        </message>
        <message>
            <source>Share of all cores: this program, and everything that runs</source>
            <translation>Share of all cores: this program, and everything that runs</translation>
        </message>
        <message>
            <source>That this program holds</source>
            <translation>That this program holds</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>What runs the network</translation>
        </message>
        <message>
            <source>no GPU</source>
            <translation>no GPU</translation>
        </message>
        <message>
            <source>{dropped} of {captured} ({share:.1f} %)</source>
            <translation>{dropped} of {captured} ({share:.1f} %)</translation>
        </message>
        <message>
            <source>{mib:.0f} MiB</source>
            <translation>{mib:.0f} MiB</translation>
        </message>
        <message>
            <source>{name}, {percent:.0f} %, {used:.0f} of {total:.0f} MiB</source>
            <translation>{name}, {percent:.0f} %, {used:.0f} of {total:.0f} MiB</translation>
        </message>
        <message>
            <source>{own:.0f} % of {cores} cores, {all:.0f} % with everything else</source>
            <translation>{own:.0f} % of {cores} cores, {all:.0f} % with everything else</translation>
        </message>
        <message>
            <source>{p50:.0f} ms median, {p95:.0f} ms at the 95th percentile</source>
            <translation>{p50:.0f} ms median, {p95:.0f} ms at the 95th percentile</translation>
        </message>
        <message>
            <source>{rate:.1f} per second</source>
            <translation>{rate:.1f} per second</translation>
        </message>
    </context>
    <context>
        <name>OpacitySlider</name>
        <message>
            <source>Opacity of the surface</source>
            <translation>Opacity of the surface</translation>
        </message>
        <message>
            <source>Opacity of the surface on the picture</source>
            <translation>Opacity of the surface on the picture</translation>
        </message>
    </context>
    <context>
        <name>PictureView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>Live picture with hands</translation>
        </message>
    </context>
    <context>
        <name>Pictures</name>
        <message>
            <source>Check the folder's permissions.</source>
            <translation>Check the folder's permissions.</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Saved {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>{path} cannot be written</translation>
        </message>
    </context>
    <context>
        <name>PlotView</name>
        <message>
            <source>Latency of each step</source>
            <translation>Latency of each step</translation>
        </message>
        <message>
            <source>decode</source>
            <translation>decode</translation>
        </message>
        <message>
            <source>draw</source>
            <translation>draw</translation>
        </message>
        <message>
            <source>median     {p95} ms at the 95th percentile</source>
            <translation>median     {p95} ms at the 95th percentile</translation>
        </message>
        <message>
            <source>network</source>
            <translation>network</translation>
        </message>
        <message>
            <source>no frames yet</source>
            <translation>no frames yet</translation>
        </message>
        <message>
            <source>resize</source>
            <translation>resize</translation>
        </message>
        <message>
            <source>smooth</source>
            <translation>smooth</translation>
        </message>
        <message>
            <source>track</source>
            <translation>track</translation>
        </message>
        <message>
            <source>{step}: {p50} ms in the median, {p95} ms at the 95th percentile</source>
            <translation>{step}: {p50} ms in the median, {p95} ms at the 95th percentile</translation>
        </message>
    </context>
    <context>
        <name>RecentMenu</name>
        <message>
            <source>Forget these</source>
            <translation>Forget these</translation>
        </message>
        <message>
            <source>Open recent</source>
            <translation>Open recent</translation>
        </message>
    </context>
    <context>
        <name>RecordPanel</name>
        <message>
            <source>Choose the folder of recordings</source>
            <translation>Choose the folder of recordings</translation>
        </message>
        <message>
            <source>Choose where recordings go</source>
            <translation>Choose where recordings go</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>Dropped</translation>
        </message>
        <message>
            <source>End by itself</source>
            <translation>End by itself</translation>
        </message>
        <message>
            <source>Every picture</source>
            <translation>Every picture</translation>
        </message>
        <message>
            <source>Markers</source>
            <translation>Markers</translation>
        </message>
        <message>
            <source>Never</source>
            <translation>Never</translation>
        </message>
        <message>
            <source>None</source>
            <translation>None</translation>
        </message>
        <message>
            <source>Off: hands alone, a twentieth of the size</source>
            <translation>Off: hands alone, a twentieth of the size</translation>
        </message>
        <message>
            <source>Pictures that the network was too slow for, too; they show no hands</source>
            <translation>Pictures that the network was too slow for, too; they show no hands</translation>
        </message>
        <message>
            <source>Pictures, too</source>
            <translation>Pictures, too</translation>
        </message>
        <message>
            <source>Record what happened before the button was pressed, too</source>
            <translation>Record what happened before the button was pressed, too</translation>
        </message>
        <message>
            <source>Recorded time</source>
            <translation>Recorded time</translation>
        </message>
        <message>
            <source>Room left</source>
            <translation>Room left</translation>
        </message>
        <message>
            <source>Seconds before</source>
            <translation>Seconds before</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Size</translation>
        </message>
        <message>
            <source>{hands} hands came after their picture had been recorded</source>
            <translation>{hands} hands came after their picture had been recorded</translation>
        </message>
        <message>
            <source>{pictures} frames have no picture, {frames} were lost</source>
            <translation>{pictures} frames have no picture, {frames} were lost</translation>
        </message>
    </context>
    <context>
        <name>RecordingController</name>
        <message>
            <source>Failed</source>
            <translation>Failed</translation>
        </message>
        <message>
            <source>Marker {number}</source>
            <translation>Marker {number}</translation>
        </message>
        <message>
            <source>Nothing was recorded: no picture came.</source>
            <translation>Nothing was recorded: no picture came.</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>Paused</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>Recording</translation>
        </message>
        <message>
            <source>Saving ...</source>
            <translation>Saving ...</translation>
        </message>
        <message>
            <source>Start a source, then record.</source>
            <translation>Start a source, then record.</translation>
        </message>
        <message>
            <source>The last seconds were saved: {path}</source>
            <translation>The last seconds were saved: {path}</translation>
        </message>
        <message>
            <source>{name} was saved: {time}, {size}</source>
            <translation>{name} was saved: {time}, {size}</translation>
        </message>
    </context>
    <context>
        <name>RecordingDialogs</name>
        <message>
            <source>A recording was cut off when the program ended last.</source>
            <translation>A recording was cut off when the program ended last.</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Discard</translation>
        </message>
        <message>
            <source>Keep recording</source>
            <translation>Keep recording</translation>
        </message>
        <message>
            <source>Later</source>
            <translation>Later</translation>
        </message>
        <message>
            <source>Recover</source>
            <translation>Recover</translation>
        </message>
        <message>
            <source>Stop &amp;&amp; save</source>
            <translation>Stop &amp;&amp; save</translation>
        </message>
        <message>
            <source>Stop it and close the window?</source>
            <translation>Stop it and close the window?</translation>
        </message>
        <message>
            <source>{name} is being recorded.</source>
            <translation>{name} is being recorded.</translation>
        </message>
    </context>
    <context>
        <name>RecoveryController</name>
        <message>
            <source>{names} was recovered.</source>
            <translation>{names} was recovered.</translation>
        </message>
        <message>
            <source>{name}, about {time}</source>
            <translation>{name}, about {time}</translation>
        </message>
    </context>
    <context>
        <name>RefineController</name>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>Show one to the camera and try again.</source>
            <translation>Show one to the camera and try again.</translation>
        </message>
        <message>
            <source>There is no hand in this picture to refine.</source>
            <translation>There is no hand in this picture to refine.</translation>
        </message>
        <message>
            <source>{name}, picture {index}</source>
            <translation>{name}, picture {index}</translation>
        </message>
    </context>
    <context>
        <name>RefineDialog</name>
        <message>
            <source>&lt;b&gt;{title}&lt;/b&gt; &amp;nbsp; {before:.1f} px → {after:.1f} px</source>
            <translation>&lt;b&gt;{title}&lt;/b&gt; &amp;nbsp; {before:.1f} px → {after:.1f} px</translation>
        </message>
        <message>
            <source>After</source>
            <translation>After</translation>
        </message>
        <message>
            <source>After: fitted to its keypoints</source>
            <translation>After: fitted to its keypoints</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>Before</translation>
        </message>
        <message>
            <source>Before: as the network saw it</source>
            <translation>Before: as the network saw it</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Done, {ms:.0f} ms a step</source>
            <translation>Done, {ms:.0f} ms a step</translation>
        </message>
        <message>
            <source>Freeze and refine</source>
            <translation>Freeze and refine</translation>
        </message>
        <message>
            <source>Loading torch ...</source>
            <translation>Loading torch ...</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>Mean distance of its joints from the keypoints</translation>
        </message>
        <message>
            <source>Save picture</source>
            <translation>Save picture</translation>
        </message>
        <message>
            <source>Starting ...</source>
            <translation>Starting ...</translation>
        </message>
        <message>
            <source>Step {step} of at most {steps}</source>
            <translation>Step {step} of at most {steps}</translation>
        </message>
        <message>
            <source>Steps taken</source>
            <translation>Steps taken</translation>
        </message>
    </context>
    <context>
        <name>ReplayController</name>
        <message>
            <source>Replay</source>
            <translation>Replay</translation>
        </message>
        <message>
            <source>no hand in both</source>
            <translation>no hand in both</translation>
        </message>
        <message>
            <source>{apart} mm apart, {shape} mm in shape</source>
            <translation>{apart} mm apart, {shape} mm in shape</translation>
        </message>
    </context>
    <context>
        <name>ReplayPanel</name>
        <message>
            <source>As measured</source>
            <translation>As measured</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>As recorded</translation>
        </message>
        <message>
            <source>Hands as they were shown, unsmoothed, or smoothed anew</source>
            <translation>Hands as they were shown, unsmoothed, or smoothed anew</translation>
        </message>
        <message>
            <source>How much later the other recording is shown</source>
            <translation>How much later the other recording is shown</translation>
        </message>
        <message>
            <source>Lay the other recording's motion on this one's</source>
            <translation>Lay the other recording's motion on this one's</translation>
        </message>
        <message>
            <source>Show the hands of another recording beside these</source>
            <translation>Show the hands of another recording beside these</translation>
        </message>
        <message>
            <source>Smoothed anew</source>
            <translation>Smoothed anew</translation>
        </message>
        <message>
            <source>Smoothing: steady to quick</source>
            <translation>Smoothing: steady to quick</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>Speed</translation>
        </message>
        <message>
            <source>Speed of playing</source>
            <translation>Speed of playing</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>Steady to quick</translation>
        </message>
        <message>
            <source>Take the other recording away</source>
            <translation>Take the other recording away</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>Time</translation>
        </message>
        <message>
            <source>Which hands</source>
            <translation>Which hands</translation>
        </message>
    </context>
    <context>
        <name>SceneView</name>
        <message>
            <source>3D view of the hands</source>
            <translation>3D view of the hands</translation>
        </message>
        <message>
            <source>Drag to orbit, drag with the right button to pan, wheel to zoom</source>
            <translation>Drag to orbit, drag with the right button to pan, wheel to zoom</translation>
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Engine: {name}</source>
            <translation>Engine: {name}</translation>
        </message>
        <message>
            <source>Faster engines that were not taken:</source>
            <translation>Faster engines that were not taken:</translation>
        </message>
        <message>
            <source>Source: {name}, {mode}</source>
            <translation>Source: {name}, {mode}</translation>
        </message>
        <message>
            <source>Why nothing faster:</source>
            <translation>Why nothing faster:</translation>
        </message>
        <message>
            <source>{size} at {rate} per second</source>
            <translation>{size} at {rate} per second</translation>
        </message>
    </context>
    <context>
        <name>ShortcutEditor</name>
        <message>
            <source>Action</source>
            <translation>Action</translation>
        </message>
        <message>
            <source>Actions and their keys</source>
            <translation>Actions and their keys</translation>
        </message>
        <message>
            <source>Click here, then press the new key</source>
            <translation>Click here, then press the new key</translation>
        </message>
        <message>
            <source>Give the marked action its first key again</source>
            <translation>Give the marked action its first key again</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>Keys</translation>
        </message>
        <message>
            <source>Mark an action, then give it a new key.</source>
            <translation>Mark an action, then give it a new key.</translation>
        </message>
        <message>
            <source>New key of the marked action</source>
            <translation>New key of the marked action</translation>
        </message>
        <message>
            <source>New key:</source>
            <translation>New key:</translation>
        </message>
        <message>
            <source>No key</source>
            <translation>No key</translation>
        </message>
        <message>
            <source>Reset</source>
            <translation>Reset</translation>
        </message>
        <message>
            <source>Reset all</source>
            <translation>Reset all</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Search</translation>
        </message>
        <message>
            <source>Search actions and keys</source>
            <translation>Search actions and keys</translation>
        </message>
        <message>
            <source>Take it</source>
            <translation>Take it</translation>
        </message>
        <message>
            <source>Take the key away from the other action</source>
            <translation>Take the key away from the other action</translation>
        </message>
        <message>
            <source>What it does</source>
            <translation>What it does</translation>
        </message>
        <message>
            <source>{key} belongs to “{action}”. Nothing was changed.</source>
            <translation>{key} belongs to “{action}”. Nothing was changed.</translation>
        </message>
    </context>
    <context>
        <name>SourcePicker</name>
        <message>
            <source>Camera, video, images or stream to look at</source>
            <translation>Camera, video, images or stream to look at</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Demo clip</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Open</translation>
        </message>
        <message>
            <source>Open a video, images or an address</source>
            <translation>Open a video, images or an address</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Source</translation>
        </message>
    </context>
    <context>
        <name>Sources</name>
        <message>
            <source>Camera {number}</source>
            <translation>Camera {number}</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Demo clip</translation>
        </message>
    </context>
    <context>
        <name>SourcesController</name>
        <message>
            <source>Choose it in the list of sources.</source>
            <translation>Choose it in the list of sources.</translation>
        </message>
        <message>
            <source>Looking for cameras ...</source>
            <translation>Looking for cameras ...</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>No camera was found.</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>Opening ...</translation>
        </message>
        <message>
            <source>Plug it in and choose it, or go on with this one.</source>
            <translation>Plug it in and choose it, or go on with this one.</translation>
        </message>
        <message>
            <source>Plug one in and press F5.</source>
            <translation>Plug one in and press F5.</translation>
        </message>
        <message>
            <source>The camera that was shown last is not plugged in.</source>
            <translation>The camera that was shown last is not plugged in.</translation>
        </message>
        <message>
            <source>{camera} was plugged in.</source>
            <translation>{camera} was plugged in.</translation>
        </message>
    </context>
    <context>
        <name>StatusStrip</name>
        <message>
            <source> + {count} predicted</source>
            <translation> + {count} predicted</translation>
        </message>
        <message numerus="yes">
            <source>%n hand(s)</source>
            <translation>
                <numerusform>%n hand</numerusform>
                <numerusform>%n hands</numerusform>
            </translation>
        </message>
        <message>
            <source>Dropped frames</source>
            <translation>Dropped frames</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Engine</translation>
        </message>
        <message>
            <source>Engine being built</source>
            <translation>Engine being built</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Frames per second</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hands</translation>
        </message>
        <message>
            <source>Hands seen in this picture, and hands kept though unseen</source>
            <translation>Hands seen in this picture, and hands kept though unseen</translation>
        </message>
        <message>
            <source>No engine</source>
            <translation>No engine</translation>
        </message>
        <message>
            <source>No source</source>
            <translation>No source</translation>
        </message>
        <message>
            <source>Pictures per second: given by the source, gone through the network, drawn here</source>
            <translation>Pictures per second: given by the source, gone through the network, drawn here</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free.
What is shown is never old because of them.</source>
            <translation>Pictures that a newer one replaced before the network was free.
What is shown is never old because of them.</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Source</translation>
        </message>
        <message>
            <source>The source and its real mode</source>
            <translation>The source and its real mode</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>What runs the network</translation>
        </message>
        <message>
            <source>{captured} captured · {processed} processed · {drawn} drawn per second</source>
            <translation>{captured} captured · {processed} processed · {drawn} drawn per second</translation>
        </message>
        <message>
            <source>{dropped}/{captured} dropped ({share} %)</source>
            <translation>{dropped}/{captured} dropped ({share} %)</translation>
        </message>
    </context>
    <context>
        <name>StreamPanel</name>
        <message>
            <source>Copy the address</source>
            <translation>Copy the address</translation>
        </message>
        <message>
            <source>Fingers and wrists of an avatar</source>
            <translation>Fingers and wrists of an avatar</translation>
        </message>
        <message>
            <source>JSON for web pages and scripts</source>
            <translation>JSON for web pages and scripts</translation>
        </message>
        <message>
            <source>Listen at, HOST:PORT</source>
            <translation>Listen at, HOST:PORT</translation>
        </message>
        <message>
            <source>Numbers for music and stage tools</source>
            <translation>Numbers for music and stage tools</translation>
        </message>
        <message>
            <source>OSC</source>
            <translation>OSC</translation>
        </message>
        <message>
            <source>Send to, HOST:PORT</source>
            <translation>Send to, HOST:PORT</translation>
        </message>
        <message>
            <source>VMC</source>
            <translation>VMC</translation>
        </message>
        <message>
            <source>WebSocket</source>
            <translation>WebSocket</translation>
        </message>
    </context>
    <context>
        <name>StreamsController</name>
        <message>
            <source>1 client</source>
            <translation>1 client</translation>
        </message>
        <message>
            <source>Nothing to send</source>
            <translation>Nothing to send</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>Opening ...</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Sending</translation>
        </message>
        <message>
            <source>Streams</source>
            <translation>Streams</translation>
        </message>
        <message>
            <source>The stream has ended.</source>
            <translation>The stream has ended.</translation>
        </message>
        <message>
            <source>{count} clients</source>
            <translation>{count} clients</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>{rate} per second</translation>
        </message>
    </context>
    <context>
        <name>Timeline</name>
        <message>
            <source>Timeline</source>
            <translation>Timeline</translation>
        </message>
    </context>
    <context>
        <name>Toolbar</name>
        <message>
            <source>Colours</source>
            <translation>Colours</translation>
        </message>
        <message>
            <source>Main bar</source>
            <translation>Main bar</translation>
        </message>
        <message>
            <source>What colours the surface</source>
            <translation>What colours the surface</translation>
        </message>
    </context>
    <context>
        <name>TrackingController</name>
        <message>
            <source>Tracking</source>
            <translation>Tracking</translation>
        </message>
    </context>
    <context>
        <name>TrackingPanel</name>
        <message>
            <source>Defaults</source>
            <translation>Defaults</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hands</translation>
        </message>
        <message>
            <source>Lag</source>
            <translation>Lag</translation>
        </message>
        <message>
            <source>Least score</source>
            <translation>Least score</translation>
        </message>
        <message>
            <source>Least score of a hand</source>
            <translation>Least score of a hand</translation>
        </message>
        <message>
            <source>Number of hands</source>
            <translation>Number of hands</translation>
        </message>
        <message>
            <source>Quick</source>
            <translation>Quick</translation>
        </message>
        <message>
            <source>Smoothing</source>
            <translation>Smoothing</translation>
        </message>
        <message>
            <source>Steady</source>
            <translation>Steady</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>Steady to quick</translation>
        </message>
        <message>
            <source>The drawn hand trails by {slow} ms at 10 cm/s and {fast} ms at 1 m/s.</source>
            <translation>The drawn hand trails by {slow} ms at 10 cm/s and {fast} ms at 1 m/s.</translation>
        </message>
    </context>
    <context>
        <name>WelcomeController</name>
        <message>
            <source>3D graphics</source>
            <translation>3D graphics</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Engine</translation>
        </message>
        <message>
            <source>Hand model</source>
            <translation>Hand model</translation>
        </message>
        <message>
            <source>Install a graphics driver. The picture works without, in 2D.</source>
            <translation>Install a graphics driver. The picture works without, in 2D.</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>Network</translation>
        </message>
        <message>
            <source>Plug one in and look again. The demo clip shows how it works.</source>
            <translation>Plug one in and look again. The demo clip shows how it works.</translation>
        </message>
        <message>
            <source>Reinstall the program.</source>
            <translation>Reinstall the program.</translation>
        </message>
        <message>
            <source>Restore the folder “resources”, or reinstall.</source>
            <translation>Restore the folder “resources”, or reinstall.</translation>
        </message>
        <message>
            <source>Webcam</source>
            <translation>Webcam</translation>
        </message>
    </context>
    <context>
        <name>WelcomePage</name>
        <message>
            <source>Everything is there.</source>
            <translation>Everything is there.</translation>
        </message>
        <message>
            <source>Hold your hands before the webcam.</source>
            <translation>Hold your hands before the webcam.</translation>
        </message>
        <message>
            <source>It works here; what is marked can be better.</source>
            <translation>It works here; what is marked can be better.</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>Look again</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>Looking at this computer ...</translation>
        </message>
        <message>
            <source>Open a video ...</source>
            <translation>Open a video ...</translation>
        </message>
        <message>
            <source>Play the demo clip</source>
            <translation>Play the demo clip</translation>
        </message>
        <message>
            <source>Something that is needed is missing.</source>
            <translation>Something that is needed is missing.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>They appear on the picture and in the 3D view, as many as there are. No picture leaves this computer.</source>
            <translation>They appear on the picture and in the 3D view, as many as there are. No picture leaves this computer.</translation>
        </message>
        <message>
            <source>Welcome to ManyHands</source>
            <translation>Welcome to ManyHands</translation>
        </message>
        <message>
            <source>can be better</source>
            <translation>can be better</translation>
        </message>
        <message>
            <source>good</source>
            <translation>good</translation>
        </message>
        <message>
            <source>looking</source>
            <translation>looking</translation>
        </message>
        <message>
            <source>missing</source>
            <translation>missing</translation>
        </message>
    </context>
    <context>
        <name>_Row</name>
        <message>
            <source>{stream}: state</source>
            <translation>{stream}: state</translation>
        </message>
    </context>
</TS>
