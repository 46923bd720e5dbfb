<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>Actions</name>
        <message>
            <source>3D view</source>
            <translation>3D-Ansicht</translation>
        </message>
        <message>
            <source>About ManyHands</source>
            <translation>Über ManyHands</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Begin again at the end</source>
            <translation>Am Ende von vorn beginnen</translation>
        </message>
        <message>
            <source>Begin here</source>
            <translation>Hier beginnen</translation>
        </message>
        <message>
            <source>Begin with new hands: new numbers, shapes learnt anew</source>
            <translation>Mit neuen Händen beginnen: neue Nummern, Formen neu gelernt</translation>
        </message>
        <message>
            <source>Boxes</source>
            <translation>Rahmen</translation>
        </message>
        <message>
            <source>Build the fast engine</source>
            <translation>Schnelle Engine bauen</translation>
        </message>
        <message>
            <source>Build the network for this machine's GPU, while it runs on; again to cancel</source>
            <translation>Das Netz für die GPU dieses Rechners bauen, während es weiterläuft; noch einmal bricht ab</translation>
        </message>
        <message>
            <source>Check this computer...</source>
            <translation>Diesen Rechner prüfen ...</translation>
        </message>
        <message>
            <source>Clean recording...</source>
            <translation>Aufnahme bereinigen...</translation>
        </message>
        <message>
            <source>Close the program</source>
            <translation>Das Programm beenden</translation>
        </message>
        <message>
            <source>Colour the surface by where it faces</source>
            <translation>Die Oberfläche danach färben, wohin sie zeigt</translation>
        </message>
        <message>
            <source>Commands...</source>
            <translation>Befehle ...</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <source>Dark or light, as the desktop is</source>
            <translation>Dunkel oder hell, wie der Desktop</translation>
        </message>
        <message>
            <source>Dark text on a light ground</source>
            <translation>Dunkler Text auf hellem Grund</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Democlip</translation>
        </message>
        <message>
            <source>Deutsch</source>
            <translation>Deutsch</translation>
        </message>
        <message>
            <source>Draw a frame around each hand</source>
            <translation>Einen Rahmen um jede Hand zeichnen</translation>
        </message>
        <message>
            <source>Draw joints and bones of the hand model</source>
            <translation>Gelenke und Knochen des Handmodells zeichnen</translation>
        </message>
        <message>
            <source>Draw the edges of the surface</source>
            <translation>Die Kanten der Oberfläche zeichnen</translation>
        </message>
        <message>
            <source>Draw the floor with centimetres</source>
            <translation>Den Boden mit Zentimetern zeichnen</translation>
        </message>
        <message>
            <source>Draw the hands' surface</source>
            <translation>Die Oberfläche der Hände zeichnen</translation>
        </message>
        <message>
            <source>Draw the joints as the network saw them directly in the picture</source>
            <translation>Die Gelenke zeichnen, wie das Netz sie unmittelbar im Bild sah</translation>
        </message>
        <message>
            <source>Draw where the fingertips were</source>
            <translation>Zeichnen, wo die Fingerspitzen waren</translation>
        </message>
        <message>
            <source>End here</source>
            <translation>Hier enden</translation>
        </message>
        <message>
            <source>English</source>
            <translation>English</translation>
        </message>
        <message>
            <source>Export recording...</source>
            <translation>Aufnahme exportieren...</translation>
        </message>
        <message>
            <source>Fill the screen; again to return</source>
            <translation>Den Bildschirm füllen; noch einmal kehrt zurück</translation>
        </message>
        <message>
            <source>Find anything that can be done by some of its letters</source>
            <translation>Alles, was geht, mit einigen seiner Buchstaben finden</translation>
        </message>
        <message>
            <source>Fingertip trails</source>
            <translation>Spuren der Fingerspitzen</translation>
        </message>
        <message>
            <source>First steps and all keys</source>
            <translation>Erste Schritte und alle Tasten</translation>
        </message>
        <message>
            <source>Fit the hands of this picture to what it shows, and compare</source>
            <translation>Die Hände dieses Bildes an das anpassen, was es zeigt, und vergleichen</translation>
        </message>
        <message>
            <source>Follow the hands</source>
            <translation>Den Händen folgen</translation>
        </message>
        <message>
            <source>Forget hands</source>
            <translation>Hände vergessen</translation>
        </message>
        <message>
            <source>Forget where playing begins and ends</source>
            <translation>Anfang und Ende des Abspielens vergessen</translation>
        </message>
        <message>
            <source>Freeze</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <source>Freeze and refine...</source>
            <translation>Anhalten und verfeinern ...</translation>
        </message>
        <message>
            <source>Front</source>
            <translation>Vorn</translation>
        </message>
        <message>
            <source>Full screen</source>
            <translation>Vollbild</translation>
        </message>
        <message>
            <source>Give each hand a colour that colour-blind people can tell apart</source>
            <translation>Jeder Hand eine Farbe geben, die auch Farbenblinde unterscheiden</translation>
        </message>
        <message>
            <source>Give each hand the skin that was predicted</source>
            <translation>Jeder Hand die vorhergesagte Haut geben</translation>
        </message>
        <message>
            <source>Give every text its first size again</source>
            <translation>Allen Texten ihre erste Größe zurückgeben</translation>
        </message>
        <message>
            <source>Go through the images of a folder</source>
            <translation>Die Bilder eines Ordners durchgehen</translation>
        </message>
        <message>
            <source>Grid and axes</source>
            <translation>Gitter und Achsen</translation>
        </message>
        <message>
            <source>Hand colours</source>
            <translation>Farben der Hände</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hände</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Anfang</translation>
        </message>
        <message>
            <source>Keep the hands in the middle</source>
            <translation>Die Hände in der Mitte halten</translation>
        </message>
        <message>
            <source>Keep this picture with its hands; again to go on</source>
            <translation>Dieses Bild mit seinen Händen behalten; noch einmal geht es weiter</translation>
        </message>
        <message>
            <source>Keyboard shortcuts...</source>
            <translation>Tastenkürzel ...</translation>
        </message>
        <message>
            <source>Keypoints</source>
            <translation>Schlüsselpunkte</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Larger text</source>
            <translation>Größere Schrift</translation>
        </message>
        <message>
            <source>Leave out what comes until you go on</source>
            <translation>Auslassen, was kommt, bis Sie fortfahren</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Light text on a dark ground</source>
            <translation>Heller Text auf dunklem Grund</translation>
        </message>
        <message>
            <source>Look as the webcam does</source>
            <translation>Blicken wie die Webcam</translation>
        </message>
        <message>
            <source>Look for cameras again</source>
            <translation>Noch einmal nach Kameras suchen</translation>
        </message>
        <message>
            <source>Look from above</source>
            <translation>Von oben blicken</translation>
        </message>
        <message>
            <source>Look from the first place again</source>
            <translation>Wieder vom ersten Ort blicken</translation>
        </message>
        <message>
            <source>Look from the right side</source>
            <translation>Von rechts blicken</translation>
        </message>
        <message>
            <source>Look whether camera, graphics, engine and network are there</source>
            <translation>Prüfen, ob Kamera, Grafik, Rechenwerk und Netz da sind</translation>
        </message>
        <message>
            <source>Make every text larger</source>
            <translation>Alle Texte vergrößern</translation>
        </message>
        <message>
            <source>Make every text smaller</source>
            <translation>Alle Texte verkleinern</translation>
        </message>
        <message>
            <source>Mark this moment of the recording</source>
            <translation>Diesen Augenblick der Aufnahme markieren</translation>
        </message>
        <message>
            <source>Measure the camera's field of view with a board</source>
            <translation>Den Bildwinkel der Kamera mit einer Tafel messen</translation>
        </message>
        <message>
            <source>Measure the lens...</source>
            <translation>Objektiv messen ...</translation>
        </message>
        <message>
            <source>Mirror</source>
            <translation>Spiegeln</translation>
        </message>
        <message>
            <source>Names</source>
            <translation>Namen</translation>
        </message>
        <message>
            <source>Normal text</source>
            <translation>Normale Schrift</translation>
        </message>
        <message>
            <source>Normals</source>
            <translation>Normalen</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>Ein Bild zurück</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>Ein Bild weiter</translation>
        </message>
        <message>
            <source>Open address...</source>
            <translation>Adresse öffnen ...</translation>
        </message>
        <message>
            <source>Open image folder...</source>
            <translation>Bilderordner öffnen ...</translation>
        </message>
        <message>
            <source>Open recording...</source>
            <translation>Aufnahme öffnen...</translation>
        </message>
        <message>
            <source>Open video or image...</source>
            <translation>Video oder Bild öffnen ...</translation>
        </message>
        <message>
            <source>Own skin</source>
            <translation>Eigene Haut</translation>
        </message>
        <message>
            <source>Pause recording</source>
            <translation>Aufnahme unterbrechen</translation>
        </message>
        <message>
            <source>Pause, and show the frame before</source>
            <translation>Anhalten und das Bild davor zeigen</translation>
        </message>
        <message>
            <source>Pause, and show the next frame</source>
            <translation>Anhalten und das nächste Bild zeigen</translation>
        </message>
        <message>
            <source>Play a recorded session</source>
            <translation>Eine aufgenommene Sitzung abspielen</translation>
        </message>
        <message>
            <source>Play a stream (http, https, rtsp)</source>
            <translation>Einen Stream abspielen (http, https, rtsp)</translation>
        </message>
        <message>
            <source>Play a video or show an image</source>
            <translation>Ein Video abspielen oder ein Bild zeigen</translation>
        </message>
        <message>
            <source>Play everything</source>
            <translation>Alles abspielen</translation>
        </message>
        <message>
            <source>Play from this moment on</source>
            <translation>Ab diesem Moment abspielen</translation>
        </message>
        <message>
            <source>Play in a loop</source>
            <translation>In Schleife abspielen</translation>
        </message>
        <message>
            <source>Play the clip that comes with the program</source>
            <translation>Den Clip abspielen, der zum Programm gehört</translation>
        </message>
        <message>
            <source>Play up to this moment</source>
            <translation>Bis zu diesem Moment abspielen</translation>
        </message>
        <message>
            <source>Predicted light</source>
            <translation>Vorhergesagtes Licht</translation>
        </message>
        <message>
            <source>Put every panel back in its place</source>
            <translation>Jedes Feld an seinen Platz zurückstellen</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Record</source>
            <translation>Aufnehmen</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>Aufnahme</translation>
        </message>
        <message>
            <source>Refresh cameras</source>
            <translation>Kameras neu suchen</translation>
        </message>
        <message>
            <source>Reset layout</source>
            <translation>Anordnung zurücksetzen</translation>
        </message>
        <message>
            <source>Save 3D view...</source>
            <translation>3D-Ansicht speichern ...</translation>
        </message>
        <message>
            <source>Save diagnostics...</source>
            <translation>Diagnose speichern ...</translation>
        </message>
        <message>
            <source>Save picture...</source>
            <translation>Bild speichern ...</translation>
        </message>
        <message>
            <source>Save the 3D view as PNG</source>
            <translation>Die 3D-Ansicht als PNG speichern</translation>
        </message>
        <message>
            <source>Save the board...</source>
            <translation>Tafel speichern ...</translation>
        </message>
        <message>
            <source>Save the live picture with its hands as PNG</source>
            <translation>Das Live-Bild mit seinen Händen als PNG speichern</translation>
        </message>
        <message>
            <source>Set marker</source>
            <translation>Marke setzen</translation>
        </message>
        <message>
            <source>Show skin under the light that was predicted; off: under the view's own light</source>
            <translation>Haut im vorhergesagten Licht zeigen; aus: im eigenen Licht der Ansicht</translation>
        </message>
        <message>
            <source>Show the picture as in a mirror; data and names stay as they are</source>
            <translation>Das Bild wie in einem Spiegel zeigen; Daten und Namen bleiben, wie sie sind</translation>
        </message>
        <message>
            <source>Show what each key does, and change it</source>
            <translation>Zeigen, was jede Taste tut, und es ändern</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>Seite</translation>
        </message>
        <message>
            <source>Skeleton</source>
            <translation>Skelett</translation>
        </message>
        <message>
            <source>Smaller text</source>
            <translation>Kleinere Schrift</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Quelle</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>Start or stop recording</source>
            <translation>Aufnahme starten oder beenden</translation>
        </message>
        <message>
            <source>Start or stop the source</source>
            <translation>Die Quelle starten oder anhalten</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Stopp</translation>
        </message>
        <message>
            <source>Surface</source>
            <translation>Oberfläche</translation>
        </message>
        <message>
            <source>Texts in Chinese</source>
            <translation>Texte auf Chinesisch</translation>
        </message>
        <message>
            <source>Texts in English</source>
            <translation>Texte auf Englisch</translation>
        </message>
        <message>
            <source>Texts in German</source>
            <translation>Texte auf Deutsch</translation>
        </message>
        <message>
            <source>The language of the desktop</source>
            <translation>Die Sprache des Desktops</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Top</source>
            <translation>Oben</translation>
        </message>
        <message>
            <source>Turn picture</source>
            <translation>Bild drehen</translation>
        </message>
        <message>
            <source>Turn the source's pictures by a quarter to the right</source>
            <translation>Die Bilder der Quelle um ein Viertel nach rechts drehen</translation>
        </message>
        <message>
            <source>Version and licence</source>
            <translation>Version und Lizenz</translation>
        </message>
        <message>
            <source>View</source>
            <translation>Ansicht</translation>
        </message>
        <message>
            <source>Wireframe</source>
            <translation>Drahtgitter</translation>
        </message>
        <message>
            <source>Write a file for a bug report, without names, paths or pictures</source>
            <translation>Eine Datei für einen Fehlerbericht schreiben, ohne Namen, Pfade oder Bilder</translation>
        </message>
        <message>
            <source>Write side and number beside each hand</source>
            <translation>Seite und Nummer neben jede Hand schreiben</translation>
        </message>
        <message>
            <source>Write the board for measuring as PDF</source>
            <translation>Die Tafel zum Messen als PDF schreiben</translation>
        </message>
        <message>
            <source>Write the recording anew: smoothed without lag, gaps filled</source>
            <translation>Die Aufnahme neu schreiben: ohne Verzug geglättet, Lücken gefüllt</translation>
        </message>
        <message>
            <source>Write the recording for Blender, Unity, Unreal, Maya, Python or as a video</source>
            <translation>Die Aufnahme für Blender, Unity, Unreal, Maya, Python oder als Video schreiben</translation>
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
            <translation>Hinweis schließen</translation>
        </message>
        <message>
            <source>Copy details</source>
            <translation>Einzelheiten kopieren</translation>
        </message>
        <message>
            <source>Notice</source>
            <translation>Hinweis</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>Noch einmal</translation>
        </message>
    </context>
    <context>
        <name>BoardPreview</name>
        <message>
            <source>Picture with the board's corners</source>
            <translation>Bild mit den Ecken der Tafel</translation>
        </message>
    </context>
    <context>
        <name>CalibrationController</name>
        <message>
            <source>Lens</source>
            <translation>Objektiv</translation>
        </message>
        <message>
            <source>PDF files (*.pdf)</source>
            <translation>PDF-Dateien (*.pdf)</translation>
        </message>
        <message>
            <source>Save the board</source>
            <translation>Tafel speichern</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Gespeichert: {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>{path} kann nicht geschrieben werden</translation>
        </message>
    </context>
    <context>
        <name>CalibrationDialog</name>
        <message>
            <source>Any size will do, on paper or on a tablet, as long as it is flat.</source>
            <translation>Jede Größe ist recht, auf Papier oder auf einem Tablet, solange sie eben ist.</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>Tafel</translation>
        </message>
        <message>
            <source>Chess board</source>
            <translation>Schachbrett</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Field of view {fov}°
Focal length {focal} px ± {sd} %
Reprojection error {error} px from {views} views</source>
            <translation>Bildwinkel {fov}°
Brennweite {focal} px ± {sd} %
Rückprojektionsfehler {error} px aus {views} Ansichten</translation>
        </message>
        <message>
            <source>Good. Now elsewhere, or tilted another way.</source>
            <translation>Gut. Nun anderswo, oder anders geneigt.</translation>
        </message>
        <message>
            <source>Hold it still for a moment.</source>
            <translation>Einen Augenblick still halten.</translation>
        </message>
        <message>
            <source>Hold the board into the picture.</source>
            <translation>Die Tafel ins Bild halten.</translation>
        </message>
        <message>
            <source>Inner corners</source>
            <translation>Innere Ecken</translation>
        </message>
        <message>
            <source>Inner corners across</source>
            <translation>Innere Ecken quer</translation>
        </message>
        <message>
            <source>Inner corners down</source>
            <translation>Innere Ecken hoch</translation>
        </message>
        <message>
            <source>Measure</source>
            <translation>Messen</translation>
        </message>
        <message>
            <source>Measure the lens</source>
            <translation>Objektiv messen</translation>
        </message>
        <message>
            <source>Measuring ...</source>
            <translation>Misst ...</translation>
        </message>
        <message>
            <source>Save it to print...</source>
            <translation>Zum Drucken speichern ...</translation>
        </message>
        <message>
            <source>Start over</source>
            <translation>Von vorn</translation>
        </message>
        <message>
            <source>That is enough.</source>
            <translation>Das genügt.</translation>
        </message>
        <message>
            <source>The corners fit badly: is the board flat, was it held still?</source>
            <translation>Die Ecken passen schlecht: Ist die Tafel eben, wurde sie still gehalten?</translation>
        </message>
        <message>
            <source>The corners fit.</source>
            <translation>Die Ecken passen.</translation>
        </message>
        <message>
            <source>The program's board</source>
            <translation>Die Tafel des Programms</translation>
        </message>
        <message>
            <source>This view is known: move it to a part that is not green yet.</source>
            <translation>Diese Ansicht ist bekannt: zu einem Teil bewegen, der noch nicht grün ist.</translation>
        </message>
        <message>
            <source>Tilt it: turn one edge towards the camera.</source>
            <translation>Neigen: eine Kante zur Kamera drehen.</translation>
        </message>
        <message>
            <source>Tilted views</source>
            <translation>Geneigte Ansichten</translation>
        </message>
        <message>
            <source>Use it</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <source>Views</source>
            <translation>Ansichten</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>Was zu tun ist</translation>
        </message>
        <message>
            <source>{n} of {all} tilted</source>
            <translation>{n} von {all} geneigt</translation>
        </message>
        <message>
            <source>{n} of {all} views</source>
            <translation>{n} von {all} Ansichten</translation>
        </message>
    </context>
    <context>
        <name>CameraController</name>
        <message>
            <source>Camera</source>
            <translation>Kamera</translation>
        </message>
    </context>
    <context>
        <name>CameraSettings</name>
        <message>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <source>Automatic exposure</source>
            <translation>Automatische Belichtung</translation>
        </message>
        <message>
            <source>Driver</source>
            <translation>Treiber</translation>
        </message>
        <message>
            <source>Exposure</source>
            <translation>Belichtung</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>Bildrate</translation>
        </message>
        <message>
            <source>Head down</source>
            <translation>Kopfüber</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>Gemessen</translation>
        </message>
        <message>
            <source>Picture size</source>
            <translation>Bildgröße</translation>
        </message>
        <message>
            <source>Quarter turn left</source>
            <translation>Vierteldrehung links</translation>
        </message>
        <message>
            <source>Quarter turn right</source>
            <translation>Vierteldrehung rechts</translation>
        </message>
        <message>
            <source>Rate</source>
            <translation>Rate</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>The camera mirrors its pictures: turn them back</source>
            <translation>Die Kamera spiegelt ihre Bilder: sie zurückspiegeln</translation>
        </message>
        <message>
            <source>The driver does not let the exposure be fixed.</source>
            <translation>Der Treiber lässt die Belichtung nicht festlegen.</translation>
        </message>
        <message>
            <source>The driver gives another size than was asked for.</source>
            <translation>Der Treiber liefert eine andere Größe als verlangt.</translation>
        </message>
        <message>
            <source>Turn</source>
            <translation>Drehung</translation>
        </message>
        <message>
            <source>Turn the picture</source>
            <translation>Das Bild drehen</translation>
        </message>
        <message>
            <source>Upright</source>
            <translation>Aufrecht</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>{rate} je Sekunde</translation>
        </message>
    </context>
    <context>
        <name>CameraView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>Live-Bild mit Händen</translation>
        </message>
    </context>
    <context>
        <name>CleanController</name>
        <message>
            <source>Left</source>
            <translation>Links</translation>
        </message>
        <message>
            <source>Reading the recording ...</source>
            <translation>Die Aufnahme wird gelesen ...</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Rechts</translation>
        </message>
        <message>
            <source>{path}: {frames} frames</source>
            <translation>{path}: {frames} Bilder</translation>
        </message>
    </context>
    <context>
        <name>CleanDialog</name>
        <message>
            <source> steps for each frame; slow</source>
            <translation> Schritte je Bild; langsam</translation>
        </message>
        <message>
            <source>Clean</source>
            <translation>Bereinigen</translation>
        </message>
        <message>
            <source>Clean recording</source>
            <translation>Aufnahme bereinigen</translation>
        </message>
        <message>
            <source>Distance, px</source>
            <translation>Abstand, px</translation>
        </message>
        <message>
            <source>Fill gaps up to</source>
            <translation>Lücken füllen bis</translation>
        </message>
        <message>
            <source>Fit each hand to what was seen, before it is smoothed</source>
            <translation>Jede Hand an das Gesehene anpassen, bevor geglättet wird</translation>
        </message>
        <message>
            <source>Frames filled</source>
            <translation>Gefüllte Bilder</translation>
        </message>
        <message>
            <source>Hand</source>
            <translation>Hand</translation>
        </message>
        <message>
            <source>Jitter, mm</source>
            <translation>Zittern, mm</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>Mittlerer Abstand ihrer Gelenke von den Schlüsselpunkten</translation>
        </message>
        <message>
            <source>No</source>
            <translation>Nein</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Keine</translation>
        </message>
        <message>
            <source>Open it</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Refine before</source>
            <translation>Vorher verfeinern</translation>
        </message>
        <message>
            <source>What each hand has gained</source>
            <translation>Was jede Hand gewonnen hat</translation>
        </message>
        <message>
            <source>Writes a new recording: smoothed forwards and backwards, so without lag; short gaps filled; one shape for each hand. The old one stays as it is.</source>
            <translation>Schreibt eine neue Aufnahme: vorwärts und rückwärts geglättet, also ohne Verzug; kurze Lücken gefüllt; eine Form je Hand. Die alte bleibt, wie sie ist.</translation>
        </message>
    </context>
    <context>
        <name>CommandPalette</name>
        <message>
            <source>Commands</source>
            <translation>Befehle</translation>
        </message>
        <message>
            <source>Commands that fit</source>
            <translation>Passende Befehle</translation>
        </message>
        <message>
            <source>Search commands</source>
            <translation>Befehle suchen</translation>
        </message>
        <message>
            <source>Type some letters of what you want to do</source>
            <translation>Einige Buchstaben dessen tippen, was Sie tun wollen</translation>
        </message>
    </context>
    <context>
        <name>Controller</name>
        <message>
            <source>Everything else was kept.</source>
            <translation>Alles andere blieb erhalten.</translation>
        </message>
    </context>
    <context>
        <name>Destination</name>
        <message>
            <source>Choose ...</source>
            <translation>Wählen ...</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>Ordner des Ergebnisses</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name of the result</source>
            <translation>Name des Ergebnisses</translation>
        </message>
    </context>
    <context>
        <name>Dialogs</name>
        <message>
            <source>About ManyHands</source>
            <translation>Über ManyHands</translation>
        </message>
        <message>
            <source>Address of a video or stream (http, https, rtsp):</source>
            <translation>Adresse eines Videos oder Streams (http, https, rtsp):</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>Alle Dateien (*)</translation>
        </message>
        <message>
            <source>Folder of recordings</source>
            <translation>Ordner der Aufnahmen</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>Ordner des Ergebnisses</translation>
        </message>
        <message>
            <source>Free software under the GNU General Public License, version 3 or later.</source>
            <translation>Freie Software unter der GNU General Public License, Version 3 oder später.</translation>
        </message>
        <message>
            <source>One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.</source>
            <translation>Eine Webcam hinein, lebendige 3D-Hände heraus: beliebig viele Hände, volle Netze, ein Durchlauf.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open address</source>
            <translation>Adresse öffnen</translation>
        </message>
        <message>
            <source>Open image folder</source>
            <translation>Bilderordner öffnen</translation>
        </message>
        <message>
            <source>Open recording (name.hands)</source>
            <translation>Aufnahme öffnen (Name.hands)</translation>
        </message>
        <message>
            <source>Open video or image</source>
            <translation>Video oder Bild öffnen</translation>
        </message>
        <message>
            <source>Videos and images ({endings})</source>
            <translation>Videos und Bilder ({endings})</translation>
        </message>
    </context>
    <context>
        <name>DockTitle</name>
        <message>
            <source>Float {panel}</source>
            <translation>{panel} ablösen</translation>
        </message>
        <message>
            <source>Own window, or back into its place</source>
            <translation>Eigenes Fenster, oder zurück an seinen Platz</translation>
        </message>
    </context>
    <context>
        <name>DropTarget</name>
        <message>
            <source>Drop to open</source>
            <translation>Zum Öffnen loslassen</translation>
        </message>
    </context>
    <context>
        <name>EngineBuilder</name>
        <message>
            <source>the builder ended with {code}</source>
            <translation>der Bau endete mit {code}</translation>
        </message>
    </context>
    <context>
        <name>EnginesController</name>
        <message>
            <source>Fast engine {percent} %</source>
            <translation>Schnelle Engine {percent} %</translation>
        </message>
        <message>
            <source>Only with an NVIDIA GPU: {reason}</source>
            <translation>Nur mit einer NVIDIA-GPU: {reason}</translation>
        </message>
        <message>
            <source>Open a source first: the engine is built for its shape.</source>
            <translation>Zuerst eine Quelle öffnen: Die Engine wird für deren Format gebaut.</translation>
        </message>
        <message>
            <source>The fast engine could not be built.</source>
            <translation>Die schnelle Engine konnte nicht gebaut werden.</translation>
        </message>
        <message>
            <source>The fast engine is built and takes over.</source>
            <translation>Die schnelle Engine ist gebaut und übernimmt.</translation>
        </message>
        <message>
            <source>What finds the hands has failed and was replaced: {failure}</source>
            <translation>Was die Hände findet, ist ausgefallen und wurde ersetzt: {failure}</translation>
        </message>
        <message>
            <source>starting</source>
            <translation>beginnt</translation>
        </message>
    </context>
    <context>
        <name>Errors</name>
        <message>
            <source>A file of the model is damaged.</source>
            <translation>Eine Datei des Modells ist beschädigt.</translation>
        </message>
        <message>
            <source>A file of the model is missing.</source>
            <translation>Eine Datei des Modells fehlt.</translation>
        </message>
        <message>
            <source>A file of the model is not the one that was published.</source>
            <translation>Eine Datei des Modells ist nicht die veröffentlichte.</translation>
        </message>
        <message>
            <source>A package that writes this format is missing.</source>
            <translation>Ein Paket, das dieses Format schreibt, fehlt.</translation>
        </message>
        <message>
            <source>A setting is not known.</source>
            <translation>Eine Einstellung ist unbekannt.</translation>
        </message>
        <message>
            <source>A value is not known, or does not go with the others.</source>
            <translation>Ein Wert ist unbekannt oder passt nicht zu den anderen.</translation>
        </message>
        <message>
            <source>A value is out of range, or nothing lies in the chosen part.</source>
            <translation>Ein Wert liegt außerhalb, oder im gewählten Teil ist nichts.</translation>
        </message>
        <message>
            <source>Allow it in the system's privacy settings; on Linux join the group video.</source>
            <translation>Erlauben Sie es in den Datenschutz-Einstellungen; unter Linux treten Sie der Gruppe video bei.</translation>
        </message>
        <message>
            <source>Another program has this port.</source>
            <translation>Ein anderes Programm belegt diesen Port.</translation>
        </message>
        <message>
            <source>Bring it back, or choose another folder.</source>
            <translation>Stellen Sie ihn wieder her, oder wählen Sie einen anderen.</translation>
        </message>
        <message>
            <source>Build it anew: Source, Build the fast engine.</source>
            <translation>Bauen Sie es neu (Menü Quelle).</translation>
        </message>
        <message>
            <source>Check its name, or reset the settings.</source>
            <translation>Prüfen Sie ihren Namen, oder setzen Sie die Einstellungen zurück.</translation>
        </message>
        <message>
            <source>Check its plug or the network, then try again.</source>
            <translation>Prüfen Sie Stecker oder Netzwerk und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>Check the address and the network.</source>
            <translation>Prüfen Sie Adresse und Netzwerk.</translation>
        </message>
        <message>
            <source>Choose a folder that ManyHands has recorded.</source>
            <translation>Wählen Sie einen Ordner, den ManyHands aufgenommen hat.</translation>
        </message>
        <message>
            <source>Choose a folder that ends with .hands.</source>
            <translation>Wählen Sie einen Ordner, der auf .hands endet.</translation>
        </message>
        <message>
            <source>Choose a folder with JPEG or PNG pictures.</source>
            <translation>Wählen Sie einen Ordner mit JPEG- oder PNG-Bildern.</translation>
        </message>
        <message>
            <source>Choose another engine, or install what it needs.</source>
            <translation>Wählen Sie ein anderes, oder installieren Sie, was es braucht.</translation>
        </message>
        <message>
            <source>Choose another engine, or restart the program.</source>
            <translation>Wählen Sie ein anderes Rechenwerk, oder starten Sie neu.</translation>
        </message>
        <message>
            <source>Choose another mode of the camera, or another source.</source>
            <translation>Wählen Sie einen anderen Modus der Kamera oder eine andere Quelle.</translation>
        </message>
        <message>
            <source>Choose another name or folder; replace what is there only if you mean it.</source>
            <translation>Wählen Sie einen anderen Namen oder Ordner; ersetzen Sie Vorhandenes nur mit Absicht.</translation>
        </message>
        <message>
            <source>Choose another one.</source>
            <translation>Wählen Sie einen anderen.</translation>
        </message>
        <message>
            <source>Choose another port.</source>
            <translation>Wählen Sie einen anderen Port.</translation>
        </message>
        <message>
            <source>Choose one that is there.</source>
            <translation>Wählen Sie eine vorhandene Datei.</translation>
        </message>
        <message>
            <source>Choose what needs none.</source>
            <translation>Wählen Sie etwas, das keine braucht.</translation>
        </message>
        <message>
            <source>Close other programs, or choose the processor as engine.</source>
            <translation>Schließen Sie andere Programme, oder rechnen Sie auf dem Prozessor.</translation>
        </message>
        <message>
            <source>Close the other program, then try again.</source>
            <translation>Schließen Sie das andere Programm und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>Download it from its publisher again.</source>
            <translation>Laden Sie sie erneut von ihrem Herausgeber.</translation>
        </message>
        <message>
            <source>Free some space, or choose another disk.</source>
            <translation>Schaffen Sie Platz, oder wählen Sie eine andere Platte.</translation>
        </message>
        <message>
            <source>Install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>Installieren Sie einen Grafiktreiber; der von Mesa braucht keine Grafikkarte.</translation>
        </message>
        <message>
            <source>Install it, or choose another format.</source>
            <translation>Installieren Sie es, oder wählen Sie ein anderes Format.</translation>
        </message>
        <message>
            <source>Install the program anew, or fetch the file again.</source>
            <translation>Installieren Sie das Programm neu, oder holen Sie die Datei erneut.</translation>
        </message>
        <message>
            <source>Install the program anew, or import the file.</source>
            <translation>Installieren Sie das Programm neu, oder importieren Sie die Datei.</translation>
        </message>
        <message>
            <source>Install the program anew.</source>
            <translation>Installieren Sie das Programm neu.</translation>
        </message>
        <message>
            <source>It cannot be written there.</source>
            <translation>Dorthin kann nicht geschrieben werden.</translation>
        </message>
        <message>
            <source>It is still being recorded.</source>
            <translation>Es wird noch aufgenommen.</translation>
        </message>
        <message>
            <source>ManyHands is open already.</source>
            <translation>ManyHands ist schon offen.</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>Es wurde keine Kamera gefunden.</translation>
        </message>
        <message>
            <source>No picture in the folder can be read.</source>
            <translation>Im Ordner ist kein lesbares Bild.</translation>
        </message>
        <message>
            <source>No window can open.</source>
            <translation>Es kann sich kein Fenster öffnen.</translation>
        </message>
        <message>
            <source>Nothing can be sent there.</source>
            <translation>Dorthin kann nichts gesendet werden.</translation>
        </message>
        <message>
            <source>Nothing in the recording can be read.</source>
            <translation>In der Aufnahme ist nichts lesbar.</translation>
        </message>
        <message>
            <source>Open another file, or convert this one to MP4, JPEG or PNG.</source>
            <translation>Öffnen Sie eine andere Datei, oder wandeln Sie diese in MP4, JPEG oder PNG um.</translation>
        </message>
        <message>
            <source>OpenGL cannot be used.</source>
            <translation>OpenGL ist nicht nutzbar.</translation>
        </message>
        <message>
            <source>Plug a camera in, or open a video.</source>
            <translation>Schließen Sie eine Kamera an, oder öffnen Sie ein Video.</translation>
        </message>
        <message>
            <source>Record without pictures, or onto another disk.</source>
            <translation>Nehmen Sie ohne Bilder auf, oder auf eine andere Platte.</translation>
        </message>
        <message>
            <source>Show the board again, at more angles and closer.</source>
            <translation>Zeigen Sie die Tafel noch einmal, aus mehr Winkeln und näher.</translation>
        </message>
        <message>
            <source>Start it on a desktop.</source>
            <translation>Starten Sie es auf einem Desktop.</translation>
        </message>
        <message>
            <source>Stop the recording first.</source>
            <translation>Beenden Sie zuerst die Aufnahme.</translation>
        </message>
        <message>
            <source>The address cannot be reached.</source>
            <translation>Die Adresse ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The address cannot be used.</source>
            <translation>Die Adresse ist nicht brauchbar.</translation>
        </message>
        <message>
            <source>The camera is in use by another program.</source>
            <translation>Ein anderes Programm benutzt die Kamera.</translation>
        </message>
        <message>
            <source>The camera may not be used.</source>
            <translation>Die Kamera darf nicht benutzt werden.</translation>
        </message>
        <message>
            <source>The computation failed.</source>
            <translation>Die Berechnung ist fehlgeschlagen.</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>Die Platte ist voll.</translation>
        </message>
        <message>
            <source>The disk is too slow.</source>
            <translation>Die Platte ist zu langsam.</translation>
        </message>
        <message>
            <source>The fast engine was not built.</source>
            <translation>Das schnelle Rechenwerk wurde nicht gebaut.</translation>
        </message>
        <message>
            <source>The fast engine's file was refused.</source>
            <translation>Die Datei des schnellen Rechenwerks wurde abgelehnt.</translation>
        </message>
        <message>
            <source>The file cannot be read.</source>
            <translation>Die Datei kann nicht gelesen werden.</translation>
        </message>
        <message>
            <source>The file or folder is not there.</source>
            <translation>Die Datei oder der Ordner fehlt.</translation>
        </message>
        <message>
            <source>The folder has gone.</source>
            <translation>Der Ordner ist verschwunden.</translation>
        </message>
        <message>
            <source>The lens could not be determined.</source>
            <translation>Das Objektiv konnte nicht bestimmt werden.</translation>
        </message>
        <message>
            <source>The memory is full.</source>
            <translation>Der Speicher ist voll.</translation>
        </message>
        <message>
            <source>The model's file was refused: it might run code.</source>
            <translation>Die Modelldatei wurde abgelehnt: sie könnte Code ausführen.</translation>
        </message>
        <message>
            <source>The network's answers cannot be used.</source>
            <translation>Die Antworten des Netzes sind unbrauchbar.</translation>
        </message>
        <message>
            <source>The pictures have a format that is not known.</source>
            <translation>Die Bilder haben ein unbekanntes Format.</translation>
        </message>
        <message>
            <source>The program works on without it; the log says more.</source>
            <translation>Das Programm arbeitet ohne es weiter; das Protokoll sagt mehr.</translation>
        </message>
        <message>
            <source>The recording has no pictures.</source>
            <translation>Die Aufnahme hat keine Bilder.</translation>
        </message>
        <message>
            <source>The recording is not there.</source>
            <translation>Die Aufnahme ist nicht da.</translation>
        </message>
        <message>
            <source>The recording is of a newer version.</source>
            <translation>Die Aufnahme stammt von einer neueren Version.</translation>
        </message>
        <message>
            <source>The source gives no pictures any more.</source>
            <translation>Die Quelle gibt keine Bilder mehr.</translation>
        </message>
        <message>
            <source>The source was lost.</source>
            <translation>Die Quelle ging verloren.</translation>
        </message>
        <message>
            <source>The weights are those of another network.</source>
            <translation>Die Gewichte gehören zu einem anderen Netz.</translation>
        </message>
        <message>
            <source>The weights hold numbers that are none.</source>
            <translation>Die Gewichte enthalten ungültige Zahlen.</translation>
        </message>
        <message>
            <source>This engine is not available here.</source>
            <translation>Dieses Rechenwerk gibt es hier nicht.</translation>
        </message>
        <message>
            <source>This is no recording.</source>
            <translation>Das ist keine Aufnahme.</translation>
        </message>
        <message>
            <source>Try `manyhands recover`, or open another recording.</source>
            <translation>Versuchen Sie `manyhands recover`, oder öffnen Sie eine andere.</translation>
        </message>
        <message>
            <source>Try again; if it fails again, choose another engine.</source>
            <translation>Versuchen Sie es erneut; sonst wählen Sie ein anderes Rechenwerk.</translation>
        </message>
        <message>
            <source>Unplug the camera and plug it in again, or choose another source.</source>
            <translation>Stecken Sie die Kamera neu ein, oder wählen Sie eine andere Quelle.</translation>
        </message>
        <message>
            <source>Update ManyHands.</source>
            <translation>Aktualisieren Sie ManyHands.</translation>
        </message>
        <message>
            <source>Use its window, or start another one with `manyhands --multi`.</source>
            <translation>Benutzen Sie sein Fenster, oder starten Sie ein weiteres mit `manyhands --multi`.</translation>
        </message>
        <message>
            <source>Use the weights that came with the program.</source>
            <translation>Benutzen Sie die Gewichte, die zum Programm gehören.</translation>
        </message>
        <message>
            <source>Write HOST:PORT, such as 127.0.0.1:9000.</source>
            <translation>Schreiben Sie HOST:PORT, etwa 127.0.0.1:9000.</translation>
        </message>
    </context>
    <context>
        <name>ExportController</name>
        <message>
            <source>Reading the recording ...</source>
            <translation>Die Aufnahme wird gelesen ...</translation>
        </message>
        <message>
            <source>no hands</source>
            <translation>keine Hände</translation>
        </message>
        <message>
            <source>{path}: {frames} frames, {hands}</source>
            <translation>{path}: {frames} Bilder, {hands}</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source> per second</source>
            <translation> je Sekunde</translation>
        </message>
        <message>
            <source>All ({count})</source>
            <translation>Alle ({count})</translation>
        </message>
        <message>
            <source>Any 3D program; a folder, or a file for one frame.</source>
            <translation>Jedes 3D-Programm; ein Ordner, oder eine Datei für ein Bild.</translation>
        </message>
        <message>
            <source>As measured, unsmoothed</source>
            <translation>Wie gemessen, ungeglättet</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>Wie aufgenommen</translation>
        </message>
        <message>
            <source>As shown, smoothed</source>
            <translation>Wie gezeigt, geglättet</translation>
        </message>
        <message>
            <source>Axes</source>
            <translation>Achsen</translation>
        </message>
        <message>
            <source>BVH: skeleton motion</source>
            <translation>BVH: Bewegung des Skeletts</translation>
        </message>
        <message>
            <source>Between the marks ({time})</source>
            <translation>Zwischen den Marken ({time})</translation>
        </message>
        <message>
            <source>Blender, Unity, Unreal, Godot, web pages.</source>
            <translation>Blender, Unity, Unreal, Godot, Webseiten.</translation>
        </message>
        <message>
            <source>Blender: z up, m</source>
            <translation>Blender: z nach oben, m</translation>
        </message>
        <message>
            <source>CSV: table</source>
            <translation>CSV: Tabelle</translation>
        </message>
        <message>
            <source>Camera: x right, y down, z forward, m</source>
            <translation>Kamera: x rechts, y unten, z vorn, m</translation>
        </message>
        <message>
            <source>Everything ({time})</source>
            <translation>Alles ({time})</translation>
        </message>
        <message>
            <source>Exact surface (morph targets; a larger file)</source>
            <translation>Genaue Oberfläche (Morph Targets; größere Datei)</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export recording</source>
            <translation>Aufnahme exportieren</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Bilder je Sekunde</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hände</translation>
        </message>
        <message>
            <source>JSON: numbers with names</source>
            <translation>JSON: Zahlen mit Namen</translation>
        </message>
        <message>
            <source>MANO parameters (.npz)</source>
            <translation>MANO-Parameter (.npz)</translation>
        </message>
        <message>
            <source>Maya, MotionBuilder, Blender; one file for each hand.</source>
            <translation>Maya, MotionBuilder, Blender; eine Datei je Hand.</translation>
        </message>
        <message>
            <source>Maya: y up, cm</source>
            <translation>Maya: y nach oben, cm</translation>
        </message>
        <message>
            <source>MeshLab; a folder, or a file for one frame.</source>
            <translation>MeshLab; ein Ordner, oder eine Datei für ein Bild.</translation>
        </message>
        <message>
            <source>Needs the model: `manyhands mano import FILE`.</source>
            <translation>Braucht das Modell: `manyhands mano import DATEI`.</translation>
        </message>
        <message>
            <source>NumPy (.npz): arrays</source>
            <translation>NumPy (.npz): Arrays</translation>
        </message>
        <message>
            <source>OBJ: a mesh for each frame</source>
            <translation>OBJ: ein Netz je Bild</translation>
        </message>
        <message>
            <source>Omniverse, Houdini, Maya.</source>
            <translation>Omniverse, Houdini, Maya.</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>Ordner öffnen</translation>
        </message>
        <message>
            <source>PLY: a coloured mesh for each frame</source>
            <translation>PLY: ein farbiges Netz je Bild</translation>
        </message>
        <message>
            <source>Part</source>
            <translation>Teil</translation>
        </message>
        <message>
            <source>Python: poses, shapes, joints and confidences.</source>
            <translation>Python: Posen, Formen, Gelenke und Vertrauenswerte.</translation>
        </message>
        <message>
            <source>Replace what has this name</source>
            <translation>Ersetzen, was diesen Namen hat</translation>
        </message>
        <message>
            <source>Scene: y up, z to the viewer, m</source>
            <translation>Szene: y nach oben, z zum Betrachter, m</translation>
        </message>
        <message>
            <source>Scripts and web pages.</source>
            <translation>Skripte und Webseiten.</translation>
        </message>
        <message>
            <source>Spreadsheets, R, MATLAB: a row for each hand.</source>
            <translation>Tabellenprogramme, R, MATLAB: eine Zeile je Hand.</translation>
        </message>
        <message>
            <source>To look at; needs a recording with pictures.</source>
            <translation>Zum Ansehen; braucht eine Aufnahme mit Bildern.</translation>
        </message>
        <message>
            <source>USD: animated mesh</source>
            <translation>USD: bewegtes Netz</translation>
        </message>
        <message>
            <source>Unity: y up, m</source>
            <translation>Unity: y nach oben, m</translation>
        </message>
        <message>
            <source>Unreal: z up, cm</source>
            <translation>Unreal: z nach oben, cm</translation>
        </message>
        <message>
            <source>Values</source>
            <translation>Werte</translation>
        </message>
        <message>
            <source>Video (.mp4) with the hands drawn</source>
            <translation>Video (.mp4) mit gezeichneten Händen</translation>
        </message>
        <message>
            <source>glTF (.glb): animated mesh</source>
            <translation>glTF (.glb): bewegtes Netz</translation>
        </message>
        <message>
            <source>{axes} (usual)</source>
            <translation>{axes} (üblich)</translation>
        </message>
        <message>
            <source>{hand} alone ({frames} frames)</source>
            <translation>{hand} allein ({frames} Bilder)</translation>
        </message>
    </context>
    <context>
        <name>FaultController</name>
        <message>
            <source>--software-gl has no effect: {renderer} draws.</source>
            <translation>--software-gl hat keine Wirkung: {renderer} zeichnet.</translation>
        </message>
        <message>
            <source>Camera lost: {cause}</source>
            <translation>Kamera verloren: {cause}</translation>
        </message>
        <message>
            <source>Install Mesa's software driver (Debian, Ubuntu: libgl1-mesa-dri), or start with --safe-mode.</source>
            <translation>Installieren Sie Mesas Software-Treiber (Debian, Ubuntu: libgl1-mesa-dri), oder starten Sie mit --safe-mode.</translation>
        </message>
        <message>
            <source>It is opened again as soon as it is back; or choose another source.</source>
            <translation>Sie wird wieder geöffnet, sobald sie zurück ist; oder wählen Sie eine andere Quelle.</translation>
        </message>
        <message>
            <source>Nothing that you change is kept. Start without --safe-mode to return.</source>
            <translation>Was Sie ändern, wird nicht behalten. Ein Start ohne --safe-mode kehrt zurück.</translation>
        </message>
        <message>
            <source>OpenGL cannot be used: {reason}</source>
            <translation>OpenGL ist nicht nutzbar: {reason}</translation>
        </message>
        <message>
            <source>OpenGL has failed: {reason}</source>
            <translation>OpenGL ist ausgefallen: {reason}</translation>
        </message>
        <message>
            <source>Safe mode: default settings, no OpenGL.</source>
            <translation>Abgesicherter Modus: Standardeinstellungen, kein OpenGL.</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Restart to try again; if it happens again, start with --software-gl or use another graphics driver.</source>
            <translation>Das Bild wird ohne gezeichnet, und es gibt keine 3D-Ansicht. Ein Neustart versucht es erneut; geschieht es wieder, starten Sie mit --software-gl, oder nehmen Sie einen anderen Grafiktreiber.</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Start with --software-gl, or install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>Das Bild wird ohne gezeichnet, und es gibt keine 3D-Ansicht. Starten Sie mit --software-gl, oder installieren Sie einen Grafiktreiber; der von Mesa braucht keine Grafikkarte.</translation>
        </message>
        <message>
            <source>The program goes on. If it happens again, send us the details.</source>
            <translation>Das Programm läuft weiter. Geschieht es wieder, senden Sie uns die Einzelheiten.</translation>
        </message>
        <message>
            <source>The program works on with defaults.</source>
            <translation>Das Programm arbeitet mit Standardwerten weiter.</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Jetzt versuchen</translation>
        </message>
    </context>
    <context>
        <name>Fingers</name>
        <message>
            <source>Index</source>
            <translation>Zeigefinger</translation>
        </message>
        <message>
            <source>Little</source>
            <translation>Kleiner Finger</translation>
        </message>
        <message>
            <source>Middle</source>
            <translation>Mittelfinger</translation>
        </message>
        <message>
            <source>Ring</source>
            <translation>Ringfinger</translation>
        </message>
        <message>
            <source>Thumb</source>
            <translation>Daumen</translation>
        </message>
    </context>
    <context>
        <name>FlexionPlot</name>
        <message>
            <source>Flexion of each finger</source>
            <translation>Beugung jedes Fingers</translation>
        </message>
    </context>
    <context>
        <name>HandCard</name>
        <message>
            <source>predicted</source>
            <translation>vorhergesagt</translation>
        </message>
        <message>
            <source>shape learning {percent:.0f} %</source>
            <translation>Form wird gelernt, {percent:.0f} %</translation>
        </message>
        <message>
            <source>shape locked</source>
            <translation>Form fest</translation>
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
            <translation>{percent:.0f} % sicher</translation>
        </message>
    </context>
    <context>
        <name>Hands</name>
        <message>
            <source>Left</source>
            <translation>Links</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Rechts</translation>
        </message>
    </context>
    <context>
        <name>HandsPanel</name>
        <message>
            <source>No hands in the picture.</source>
            <translation>Keine Hände im Bild.</translation>
        </message>
    </context>
    <context>
        <name>HealthController</name>
        <message>
            <source>Health</source>
            <translation>Zustand</translation>
        </message>
    </context>
    <context>
        <name>HealthPanel</name>
        <message>
            <source>Brightness</source>
            <translation>Helligkeit</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>Bildrate</translation>
        </message>
        <message>
            <source>Hands cannot be tracked</source>
            <translation>Hände können nicht verfolgt werden</translation>
        </message>
        <message>
            <source>No camera is watched</source>
            <translation>Keine Kamera wird überwacht</translation>
        </message>
        <message>
            <source>Of moving hands, against the same hands at rest</source>
            <translation>Bewegter Hände, gegen dieselben Hände in Ruhe</translation>
        </message>
        <message>
            <source>Sharpness</source>
            <translation>Schärfe</translation>
        </message>
        <message>
            <source>So far: {list}</source>
            <translation>Bisher: {list}</translation>
        </message>
        <message>
            <source>The camera is fine</source>
            <translation>Die Kamera ist in Ordnung</translation>
        </message>
        <message>
            <source>Tracking could be better</source>
            <translation>Die Verfolgung könnte besser sein</translation>
        </message>
        <message>
            <source>hands at rest</source>
            <translation>Hände in Ruhe</translation>
        </message>
        <message>
            <source>{measured} of {wanted} fps</source>
            <translation>{measured} von {wanted} fps</translation>
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
            <translation>Sie enthält keine Namen, Pfade oder Bilder. Sehen Sie hinein, bevor Sie sie senden.</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>Dieser Rechner wird geprüft ...</translation>
        </message>
        <message>
            <source>Save diagnostics</source>
            <translation>Diagnose speichern</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Gespeichert: {path}</translation>
        </message>
        <message>
            <source>The language changes at the next start.</source>
            <translation>Die Sprache wechselt beim nächsten Start.</translation>
        </message>
        <message>
            <source>Zip files (*.zip)</source>
            <translation>Zip-Dateien (*.zip)</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>A notice over the picture says what happened and what to do. Help, Check this computer looks for what is missing; Help, Save diagnostics writes a file for a bug report without names, paths or pictures. The log is {path}.</source>
            <translation>Ein Hinweis über dem Bild sagt, was geschehen ist und was zu tun ist. „Hilfe, Diesen Rechner prüfen“ sucht, was fehlt; „Hilfe, Diagnose speichern“ schreibt eine Datei für einen Fehlerbericht, ohne Namen, Pfade oder Bilder. Das Protokoll ist {path}.</translation>
        </message>
        <message>
            <source>Choose what to look at</source>
            <translation>Wählen, was gezeigt wird</translation>
        </message>
        <message>
            <source>Drag in the 3D view to turn it, with Shift or the right button to move it, and use the wheel to come closer. The buttons of its title look from the front, the side and above. Panels can be dragged elsewhere by their titles; Reset layout puts them back.</source>
            <translation>Ziehen dreht die 3D-Ansicht, mit Umschalt oder der rechten Taste verschiebt es sie, und das Mausrad holt sie heran. Die Knöpfe im Titel blicken von vorn, von der Seite und von oben. Felder lassen sich am Titel anderswohin ziehen; „Anordnung zurücksetzen“ bringt sie zurück.</translation>
        </message>
        <message>
            <source>Each hand has its colour, its side and its number. The bar at the top switches surface, skeleton and names, and the slider lets the picture shine through. Mirror changes only what you see: a left hand stays a left hand.</source>
            <translation>Jede Hand hat ihre Farbe, ihre Seite und ihre Nummer. Die Leiste oben schaltet Oberfläche, Skelett und Namen, und der Regler lässt das Bild durchscheinen. Spiegeln ändert nur, was Sie sehen: Eine linke Hand bleibt eine linke Hand.</translation>
        </message>
        <message>
            <source>First steps</source>
            <translation>Erste Schritte</translation>
        </message>
        <message>
            <source>Give the hands light, and keep them within two metres. The latency panel shows where the time goes; the status bar names the engine, and its tip why no faster one runs.</source>
            <translation>Geben Sie den Händen Licht und bleiben Sie näher als zwei Meter. Das Feld Latenz zeigt, wohin die Zeit geht; die Statusleiste nennt das Rechenwerk und ihr Hinweis, warum kein schnelleres läuft.</translation>
        </message>
        <message>
            <source>Hands in space</source>
            <translation>Hände im Raum</translation>
        </message>
        <message>
            <source>Hands on the picture</source>
            <translation>Hände auf dem Bild</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Keyboard</source>
            <translation>Tastatur</translation>
        </message>
        <message>
            <source>The list at the top left holds your cameras and the demo clip; the folder beside it opens a video, a folder of images or an address. A file can also be dropped onto the window. The bar below names the real picture size and rate.</source>
            <translation>Die Liste oben links enthält Ihre Kameras und den Democlip; der Ordner daneben öffnet ein Video, einen Bilderordner oder eine Adresse. Eine Datei lässt sich auch auf das Fenster ziehen. Die Leiste unten nennt die wirkliche Bildgröße und Rate.</translation>
        </message>
        <message>
            <source>When it is slow or shaky</source>
            <translation>Wenn es langsam oder unruhig ist</translation>
        </message>
        <message>
            <source>When something fails</source>
            <translation>Wenn etwas scheitert</translation>
        </message>
    </context>
    <context>
        <name>JobBar</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Cancelled: nothing was written.</source>
            <translation>Abgebrochen: nichts wurde geschrieben.</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Zustand</translation>
        </message>
    </context>
    <context>
        <name>KeysController</name>
        <message>
            <source>Panel</source>
            <translation>Feld</translation>
        </message>
    </context>
    <context>
        <name>LensPanel</name>
        <message>
            <source>As you typed it.</source>
            <translation>Wie Sie ihn eingegeben haben.</translation>
        </message>
        <message>
            <source>Assumed: most webcams have 55 to 90 degrees.</source>
            <translation>Angenommen: Die meisten Webcams haben 55 bis 90 Grad.</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>Tafel</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>Ein Modell wählen</translation>
        </message>
        <message>
            <source>Distance</source>
            <translation>Abstand</translation>
        </message>
        <message>
            <source>Field of view</source>
            <translation>Bildwinkel</translation>
        </message>
        <message>
            <source>Field of view {fov}°, focal length ± {sd} %</source>
            <translation>Bildwinkel {fov}°, Brennweite ± {sd} %</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>Vergessen</translation>
        </message>
        <message>
            <source>From the data sheet of this model.</source>
            <translation>Aus dem Datenblatt dieses Modells.</translation>
        </message>
        <message>
            <source>Known webcam</source>
            <translation>Bekannte Webcam</translation>
        </message>
        <message>
            <source>Length of your hand</source>
            <translation>Länge Ihrer Hand</translation>
        </message>
        <message>
            <source>Measured with a board, reprojection error {error} px.</source>
            <translation>Mit einer Tafel gemessen, Rückprojektionsfehler {error} px.</translation>
        </message>
        <message>
            <source>Typed</source>
            <translation>Eingabe</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>Nehmen</translation>
        </message>
        <message>
            <source>Webcam</source>
            <translation>Webcam</translation>
        </message>
        <message>
            <source>What the field of view spans</source>
            <translation>Was der Bildwinkel umspannt</translation>
        </message>
        <message>
            <source>Your hand</source>
            <translation>Ihre Hand</translation>
        </message>
        <message>
            <source>diagonal</source>
            <translation>diagonal</translation>
        </message>
        <message>
            <source>from the crease of the wrist to the tip of the middle finger</source>
            <translation>von der Falte des Handgelenks bis zur Spitze des Mittelfingers</translation>
        </message>
        <message>
            <source>horizontal</source>
            <translation>waagrecht</translation>
        </message>
        <message>
            <source>not measured</source>
            <translation>nicht gemessen</translation>
        </message>
        <message>
            <source>vertical</source>
            <translation>senkrecht</translation>
        </message>
    </context>
    <context>
        <name>LiveController</name>
        <message>
            <source>Hands</source>
            <translation>Hände</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>3D view</source>
            <translation>3D-Ansicht</translation>
        </message>
        <message>
            <source>Latency</source>
            <translation>Latenz</translation>
        </message>
        <message>
            <source>The 3D view needs OpenGL,
which is missing here.</source>
            <translation>Die 3D-Ansicht braucht OpenGL,
das hier fehlt.</translation>
        </message>
    </context>
    <context>
        <name>NumbersController</name>
        <message>
            <source>Numbers</source>
            <translation>Zahlen</translation>
        </message>
    </context>
    <context>
        <name>NumbersPanel</name>
        <message>
            <source>Captured</source>
            <translation>Aufgenommen</translation>
        </message>
        <message>
            <source>Delay</source>
            <translation>Verzögerung</translation>
        </message>
        <message>
            <source>Drawn</source>
            <translation>Gezeichnet</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>Ausgelassen</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Rechenwerk</translation>
        </message>
        <message>
            <source>From reading a picture to drawing it with its hands</source>
            <translation>Vom Lesen eines Bildes bis zum Zeichnen mit seinen Händen</translation>
        </message>
        <message>
            <source>Graphics card</source>
            <translation>Grafikkarte</translation>
        </message>
        <message>
            <source>Hands that were left out, for their numbers were impossible</source>
            <translation>Hände, die wegen unmöglicher Zahlen weggelassen wurden</translation>
        </message>
        <message>
            <source>How busy it is, and its memory</source>
            <translation>Wie ausgelastet sie ist, und ihr Speicher</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>Speicher</translation>
        </message>
        <message>
            <source>Of the network's numbers</source>
            <translation>Der Zahlen des Netzes</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free</source>
            <translation>Bilder, die ein neueres ersetzte, bevor das Netz frei war</translation>
        </message>
        <message>
            <source>Pictures that go through the network</source>
            <translation>Bilder, die durch das Netz gehen</translation>
        </message>
        <message>
            <source>Pictures that reach the screen</source>
            <translation>Bilder, die den Bildschirm erreichen</translation>
        </message>
        <message>
            <source>Pictures that the source gives</source>
            <translation>Bilder, die die Quelle liefert</translation>
        </message>
        <message>
            <source>Precision</source>
            <translation>Genauigkeit</translation>
        </message>
        <message>
            <source>Processed</source>
            <translation>Verarbeitet</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>Prozessor</translation>
        </message>
        <message>
            <source>Rejected hands</source>
            <translation>Verworfene Hände</translation>
        </message>
        <message>
            <source>Share of all cores: this program, and everything that runs</source>
            <translation>Anteil aller Kerne: dieses Programm, und alles, was läuft</translation>
        </message>
        <message>
            <source>That this program holds</source>
            <translation>Den dieses Programm belegt</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>Was das Netz rechnet</translation>
        </message>
        <message>
            <source>no GPU</source>
            <translation>keine GPU</translation>
        </message>
        <message>
            <source>{dropped} of {captured} ({share:.1f} %)</source>
            <translation>{dropped} von {captured} ({share:.1f} %)</translation>
        </message>
        <message>
            <source>{mib:.0f} MiB</source>
            <translation>{mib:.0f} MiB</translation>
        </message>
        <message>
            <source>{name}, {percent:.0f} %, {used:.0f} of {total:.0f} MiB</source>
            <translation>{name}, {percent:.0f} %, {used:.0f} von {total:.0f} MiB</translation>
        </message>
        <message>
            <source>{own:.0f} % of {cores} cores, {all:.0f} % with everything else</source>
            <translation>{own:.0f} % von {cores} Kernen, {all:.0f} % mit allem anderen</translation>
        </message>
        <message>
            <source>{p50:.0f} ms median, {p95:.0f} ms at the 95th percentile</source>
            <translation>{p50:.0f} ms im Median, {p95:.0f} ms im 95. Perzentil</translation>
        </message>
        <message>
            <source>{rate:.1f} per second</source>
            <translation>{rate:.1f} je Sekunde</translation>
        </message>
    </context>
    <context>
        <name>OpacitySlider</name>
        <message>
            <source>Opacity of the surface</source>
            <translation>Deckkraft der Oberfläche</translation>
        </message>
        <message>
            <source>Opacity of the surface on the picture</source>
            <translation>Deckkraft der Oberfläche auf dem Bild</translation>
        </message>
    </context>
    <context>
        <name>PictureView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>Live-Bild mit Händen</translation>
        </message>
    </context>
    <context>
        <name>Pictures</name>
        <message>
            <source>Check the folder's permissions.</source>
            <translation>Prüfen Sie die Rechte des Ordners.</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>Gespeichert: {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>{path} kann nicht geschrieben werden</translation>
        </message>
    </context>
    <context>
        <name>PlotView</name>
        <message>
            <source>Latency of each step</source>
            <translation>Latenz jedes Schritts</translation>
        </message>
        <message>
            <source>decode</source>
            <translation>entschlüsseln</translation>
        </message>
        <message>
            <source>draw</source>
            <translation>zeichnen</translation>
        </message>
        <message>
            <source>median     {p95} ms at the 95th percentile</source>
            <translation>Median     {p95} ms im 95. Perzentil</translation>
        </message>
        <message>
            <source>network</source>
            <translation>Netz</translation>
        </message>
        <message>
            <source>no frames yet</source>
            <translation>noch keine Bilder</translation>
        </message>
        <message>
            <source>resize</source>
            <translation>verkleinern</translation>
        </message>
        <message>
            <source>smooth</source>
            <translation>glätten</translation>
        </message>
        <message>
            <source>track</source>
            <translation>verfolgen</translation>
        </message>
        <message>
            <source>{step}: {p50} ms in the median, {p95} ms at the 95th percentile</source>
            <translation>{step}: {p50} ms im Median, {p95} ms im 95. Perzentil</translation>
        </message>
    </context>
    <context>
        <name>RecentMenu</name>
        <message>
            <source>Forget these</source>
            <translation>Diese vergessen</translation>
        </message>
        <message>
            <source>Open recent</source>
            <translation>Zuletzt geöffnet</translation>
        </message>
    </context>
    <context>
        <name>RecordPanel</name>
        <message>
            <source>Choose the folder of recordings</source>
            <translation>Den Ordner der Aufnahmen wählen</translation>
        </message>
        <message>
            <source>Choose where recordings go</source>
            <translation>Wählen, wohin Aufnahmen kommen</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>Ausgelassen</translation>
        </message>
        <message>
            <source>End by itself</source>
            <translation>Von selbst enden</translation>
        </message>
        <message>
            <source>Every picture</source>
            <translation>Jedes Bild</translation>
        </message>
        <message>
            <source>Markers</source>
            <translation>Marken</translation>
        </message>
        <message>
            <source>Never</source>
            <translation>Nie</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Keine</translation>
        </message>
        <message>
            <source>Off: hands alone, a twentieth of the size</source>
            <translation>Aus: nur Hände, ein Zwanzigstel der Größe</translation>
        </message>
        <message>
            <source>Pictures that the network was too slow for, too; they show no hands</source>
            <translation>Auch Bilder, für die das Netz zu langsam war; sie zeigen keine Hände</translation>
        </message>
        <message>
            <source>Pictures, too</source>
            <translation>Auch Bilder</translation>
        </message>
        <message>
            <source>Record what happened before the button was pressed, too</source>
            <translation>Auch aufnehmen, was vor dem Knopfdruck geschah</translation>
        </message>
        <message>
            <source>Recorded time</source>
            <translation>Aufgenommene Zeit</translation>
        </message>
        <message>
            <source>Room left</source>
            <translation>Platz übrig</translation>
        </message>
        <message>
            <source>Seconds before</source>
            <translation>Sekunden davor</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>{hands} hands came after their picture had been recorded</source>
            <translation>{hands} Hände kamen, als ihr Bild schon aufgenommen war</translation>
        </message>
        <message>
            <source>{pictures} frames have no picture, {frames} were lost</source>
            <translation>{pictures} Einträge haben kein Bild, {frames} gingen verloren</translation>
        </message>
    </context>
    <context>
        <name>RecordingController</name>
        <message>
            <source>Failed</source>
            <translation>Gescheitert</translation>
        </message>
        <message>
            <source>Marker {number}</source>
            <translation>Marke {number}</translation>
        </message>
        <message>
            <source>Nothing was recorded: no picture came.</source>
            <translation>Nichts wurde aufgenommen: Es kam kein Bild.</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>Unterbrochen</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>Aufnahme</translation>
        </message>
        <message>
            <source>Saving ...</source>
            <translation>Wird gespeichert ...</translation>
        </message>
        <message>
            <source>Start a source, then record.</source>
            <translation>Starten Sie eine Quelle, dann nehmen Sie auf.</translation>
        </message>
        <message>
            <source>The last seconds were saved: {path}</source>
            <translation>Die letzten Sekunden wurden gespeichert: {path}</translation>
        </message>
        <message>
            <source>{name} was saved: {time}, {size}</source>
            <translation>{name} wurde gespeichert: {time}, {size}</translation>
        </message>
    </context>
    <context>
        <name>RecordingDialogs</name>
        <message>
            <source>A recording was cut off when the program ended last.</source>
            <translation>Eine Aufnahme wurde abgeschnitten, als das Programm zuletzt endete.</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Keep recording</source>
            <translation>Weiter aufnehmen</translation>
        </message>
        <message>
            <source>Later</source>
            <translation>Später</translation>
        </message>
        <message>
            <source>Recover</source>
            <translation>Wiederherstellen</translation>
        </message>
        <message>
            <source>Stop &amp;&amp; save</source>
            <translation>Beenden &amp;&amp; speichern</translation>
        </message>
        <message>
            <source>Stop it and close the window?</source>
            <translation>Beenden und das Fenster schließen?</translation>
        </message>
        <message>
            <source>{name} is being recorded.</source>
            <translation>{name} wird aufgenommen.</translation>
        </message>
    </context>
    <context>
        <name>RecoveryController</name>
        <message>
            <source>{names} was recovered.</source>
            <translation>{names} wurde wiederhergestellt.</translation>
        </message>
        <message>
            <source>{name}, about {time}</source>
            <translation>{name}, etwa {time}</translation>
        </message>
    </context>
    <context>
        <name>RefineController</name>
        <message>
            <source>Left</source>
            <translation>Links</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Rechts</translation>
        </message>
        <message>
            <source>Show one to the camera and try again.</source>
            <translation>Zeigen Sie der Kamera eine und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>There is no hand in this picture to refine.</source>
            <translation>In diesem Bild ist keine Hand zu verfeinern.</translation>
        </message>
        <message>
            <source>{name}, picture {index}</source>
            <translation>{name}, Bild {index}</translation>
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
            <translation>Nachher</translation>
        </message>
        <message>
            <source>After: fitted to its keypoints</source>
            <translation>Nachher: an ihre Schlüsselpunkte angepasst</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>Vorher</translation>
        </message>
        <message>
            <source>Before: as the network saw it</source>
            <translation>Vorher: wie das Netz sie sah</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Done, {ms:.0f} ms a step</source>
            <translation>Fertig, {ms:.0f} ms je Schritt</translation>
        </message>
        <message>
            <source>Freeze and refine</source>
            <translation>Anhalten und verfeinern</translation>
        </message>
        <message>
            <source>Loading torch ...</source>
            <translation>torch wird geladen ...</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>Mittlerer Abstand ihrer Gelenke von den Schlüsselpunkten</translation>
        </message>
        <message>
            <source>Save picture</source>
            <translation>Bild speichern</translation>
        </message>
        <message>
            <source>Starting ...</source>
            <translation>Wird gestartet ...</translation>
        </message>
        <message>
            <source>Step {step} of at most {steps}</source>
            <translation>Schritt {step} von höchstens {steps}</translation>
        </message>
        <message>
            <source>Steps taken</source>
            <translation>Ausgeführte Schritte</translation>
        </message>
    </context>
    <context>
        <name>ReplayController</name>
        <message>
            <source>Replay</source>
            <translation>Wiedergabe</translation>
        </message>
        <message>
            <source>no hand in both</source>
            <translation>keine Hand in beiden</translation>
        </message>
        <message>
            <source>{apart} mm apart, {shape} mm in shape</source>
            <translation>{apart} mm auseinander, {shape} mm in der Form</translation>
        </message>
    </context>
    <context>
        <name>ReplayPanel</name>
        <message>
            <source>As measured</source>
            <translation>Wie gemessen</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>Wie aufgenommen</translation>
        </message>
        <message>
            <source>Hands as they were shown, unsmoothed, or smoothed anew</source>
            <translation>Hände wie gezeigt, ungeglättet oder neu geglättet</translation>
        </message>
        <message>
            <source>How much later the other recording is shown</source>
            <translation>Wie viel später die andere Aufnahme gezeigt wird</translation>
        </message>
        <message>
            <source>Lay the other recording's motion on this one's</source>
            <translation>Die Bewegung der anderen Aufnahme auf diese legen</translation>
        </message>
        <message>
            <source>Show the hands of another recording beside these</source>
            <translation>Die Hände einer anderen Aufnahme daneben zeigen</translation>
        </message>
        <message>
            <source>Smoothed anew</source>
            <translation>Neu geglättet</translation>
        </message>
        <message>
            <source>Smoothing: steady to quick</source>
            <translation>Glättung: ruhig bis flink</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>Tempo</translation>
        </message>
        <message>
            <source>Speed of playing</source>
            <translation>Tempo des Abspielens</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>Ruhig bis flink</translation>
        </message>
        <message>
            <source>Take the other recording away</source>
            <translation>Die andere Aufnahme wegnehmen</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>Zeit</translation>
        </message>
        <message>
            <source>Which hands</source>
            <translation>Welche Hände</translation>
        </message>
    </context>
    <context>
        <name>SceneView</name>
        <message>
            <source>3D view of the hands</source>
            <translation>3D-Ansicht der Hände</translation>
        </message>
        <message>
            <source>Drag to orbit, drag with the right button to pan, wheel to zoom</source>
            <translation>Ziehen dreht, Ziehen mit der rechten Taste verschiebt, das Mausrad vergrößert</translation>
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Engine: {name}</source>
            <translation>Rechenwerk: {name}</translation>
        </message>
        <message>
            <source>Faster engines that were not taken:</source>
            <translation>Schnellere Rechenwerke, die nicht genommen wurden:</translation>
        </message>
        <message>
            <source>Source: {name}, {mode}</source>
            <translation>Quelle: {name}, {mode}</translation>
        </message>
        <message>
            <source>Why nothing faster:</source>
            <translation>Warum nichts Schnelleres:</translation>
        </message>
        <message>
            <source>{size} at {rate} per second</source>
            <translation>{size} bei {rate} je Sekunde</translation>
        </message>
    </context>
    <context>
        <name>ShortcutEditor</name>
        <message>
            <source>Action</source>
            <translation>Aktion</translation>
        </message>
        <message>
            <source>Actions and their keys</source>
            <translation>Aktionen und ihre Tasten</translation>
        </message>
        <message>
            <source>Click here, then press the new key</source>
            <translation>Hier klicken, dann die neue Taste drücken</translation>
        </message>
        <message>
            <source>Give the marked action its first key again</source>
            <translation>Der markierten Aktion ihre erste Taste zurückgeben</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>Tasten</translation>
        </message>
        <message>
            <source>Mark an action, then give it a new key.</source>
            <translation>Markieren Sie eine Aktion und geben Sie ihr eine neue Taste.</translation>
        </message>
        <message>
            <source>New key of the marked action</source>
            <translation>Neue Taste der markierten Aktion</translation>
        </message>
        <message>
            <source>New key:</source>
            <translation>Neue Taste:</translation>
        </message>
        <message>
            <source>No key</source>
            <translation>Keine Taste</translation>
        </message>
        <message>
            <source>Reset</source>
            <translation>Zurücksetzen</translation>
        </message>
        <message>
            <source>Reset all</source>
            <translation>Alle zurücksetzen</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Search actions and keys</source>
            <translation>Aktionen und Tasten suchen</translation>
        </message>
        <message>
            <source>Take it</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <source>Take the key away from the other action</source>
            <translation>Die Taste der anderen Aktion wegnehmen</translation>
        </message>
        <message>
            <source>What it does</source>
            <translation>Was sie tut</translation>
        </message>
        <message>
            <source>{key} belongs to “{action}”. Nothing was changed.</source>
            <translation>{key} gehört zu „{action}“. Nichts wurde geändert.</translation>
        </message>
    </context>
    <context>
        <name>SourcePicker</name>
        <message>
            <source>Camera, video, images or stream to look at</source>
            <translation>Kamera, Video, Bilder oder Stream, die gezeigt werden</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Democlip</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open a video, images or an address</source>
            <translation>Video, Bilder oder eine Adresse öffnen</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Quelle</translation>
        </message>
    </context>
    <context>
        <name>Sources</name>
        <message>
            <source>Camera {number}</source>
            <translation>Kamera {number}</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>Democlip</translation>
        </message>
    </context>
    <context>
        <name>SourcesController</name>
        <message>
            <source>Choose it in the list of sources.</source>
            <translation>Wählen Sie sie in der Liste der Quellen.</translation>
        </message>
        <message>
            <source>Looking for cameras ...</source>
            <translation>Kameras werden gesucht ...</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>Es wurde keine Kamera gefunden.</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>Wird geöffnet ...</translation>
        </message>
        <message>
            <source>Plug it in and choose it, or go on with this one.</source>
            <translation>Schließen Sie sie an und wählen Sie sie, oder machen Sie mit dieser weiter.</translation>
        </message>
        <message>
            <source>Plug one in and press F5.</source>
            <translation>Schließen Sie eine an und drücken Sie F5.</translation>
        </message>
        <message>
            <source>The camera that was shown last is not plugged in.</source>
            <translation>Die zuletzt gezeigte Kamera ist nicht angeschlossen.</translation>
        </message>
        <message>
            <source>{camera} was plugged in.</source>
            <translation>{camera} wurde angeschlossen.</translation>
        </message>
    </context>
    <context>
        <name>StatusStrip</name>
        <message>
            <source> + {count} predicted</source>
            <translation> + {count} vorhergesagt</translation>
        </message>
        <message numerus="yes">
            <source>%n hand(s)</source>
            <translation>
                <numerusform>%n Hand</numerusform>
                <numerusform>%n Hände</numerusform>
            </translation>
        </message>
        <message>
            <source>Dropped frames</source>
            <translation>Ausgelassene Bilder</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Rechenwerk</translation>
        </message>
        <message>
            <source>Engine being built</source>
            <translation>Engine im Bau</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Bilder je Sekunde</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hände</translation>
        </message>
        <message>
            <source>Hands seen in this picture, and hands kept though unseen</source>
            <translation>In diesem Bild gesehene Hände, und Hände, die ungesehen fortgeführt werden</translation>
        </message>
        <message>
            <source>No engine</source>
            <translation>Kein Rechenwerk</translation>
        </message>
        <message>
            <source>No source</source>
            <translation>Keine Quelle</translation>
        </message>
        <message>
            <source>Pictures per second: given by the source, gone through the network, drawn here</source>
            <translation>Bilder je Sekunde: von der Quelle geliefert, durch das Netz gegangen, hier gezeichnet</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free.
What is shown is never old because of them.</source>
            <translation>Bilder, die ein neueres ersetzte, bevor das Netz frei war.
Was gezeigt wird, ist ihretwegen nie alt.</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Quelle</translation>
        </message>
        <message>
            <source>The source and its real mode</source>
            <translation>Die Quelle und ihr wirklicher Modus</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>Was das Netz rechnet</translation>
        </message>
        <message>
            <source>{captured} captured · {processed} processed · {drawn} drawn per second</source>
            <translation>{captured} aufgenommen · {processed} verarbeitet · {drawn} gezeichnet je Sekunde</translation>
        </message>
        <message>
            <source>{dropped}/{captured} dropped ({share} %)</source>
            <translation>{dropped}/{captured} ausgelassen ({share} %)</translation>
        </message>
    </context>
    <context>
        <name>StreamPanel</name>
        <message>
            <source>Copy the address</source>
            <translation>Die Adresse kopieren</translation>
        </message>
        <message>
            <source>Fingers and wrists of an avatar</source>
            <translation>Finger und Handgelenke eines Avatars</translation>
        </message>
        <message>
            <source>JSON for web pages and scripts</source>
            <translation>JSON für Webseiten und Skripte</translation>
        </message>
        <message>
            <source>Listen at, HOST:PORT</source>
            <translation>Lauschen auf, HOST:PORT</translation>
        </message>
        <message>
            <source>Numbers for music and stage tools</source>
            <translation>Zahlen für Musik- und Bühnenwerkzeuge</translation>
        </message>
        <message>
            <source>OSC</source>
            <translation>OSC</translation>
        </message>
        <message>
            <source>Send to, HOST:PORT</source>
            <translation>Senden an, HOST:PORT</translation>
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
            <translation>1 Empfänger</translation>
        </message>
        <message>
            <source>Nothing to send</source>
            <translation>Nichts zu senden</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>Wird geöffnet ...</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Wird gesendet</translation>
        </message>
        <message>
            <source>Streams</source>
            <translation>Datenströme</translation>
        </message>
        <message>
            <source>The stream has ended.</source>
            <translation>Der Datenstrom ist beendet.</translation>
        </message>
        <message>
            <source>{count} clients</source>
            <translation>{count} Empfänger</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>{rate} je Sekunde</translation>
        </message>
    </context>
    <context>
        <name>Timeline</name>
        <message>
            <source>Timeline</source>
            <translation>Zeitleiste</translation>
        </message>
    </context>
    <context>
        <name>Toolbar</name>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Main bar</source>
            <translation>Hauptleiste</translation>
        </message>
        <message>
            <source>What colours the surface</source>
            <translation>Was die Oberfläche färbt</translation>
        </message>
    </context>
    <context>
        <name>TrackingController</name>
        <message>
            <source>Tracking</source>
            <translation>Verfolgung</translation>
        </message>
    </context>
    <context>
        <name>TrackingPanel</name>
        <message>
            <source>Defaults</source>
            <translation>Standardwerte</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>Hände</translation>
        </message>
        <message>
            <source>Lag</source>
            <translation>Nachlauf</translation>
        </message>
        <message>
            <source>Least score</source>
            <translation>Mindestwert</translation>
        </message>
        <message>
            <source>Least score of a hand</source>
            <translation>Mindestwert einer Hand</translation>
        </message>
        <message>
            <source>Number of hands</source>
            <translation>Anzahl der Hände</translation>
        </message>
        <message>
            <source>Quick</source>
            <translation>Schnell</translation>
        </message>
        <message>
            <source>Smoothing</source>
            <translation>Glättung</translation>
        </message>
        <message>
            <source>Steady</source>
            <translation>Ruhig</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>Ruhig bis schnell</translation>
        </message>
        <message>
            <source>The drawn hand trails by {slow} ms at 10 cm/s and {fast} ms at 1 m/s.</source>
            <translation>Die gezeichnete Hand hinkt bei 10 cm/s um {slow} ms nach, bei 1 m/s um {fast} ms.</translation>
        </message>
    </context>
    <context>
        <name>WelcomeController</name>
        <message>
            <source>3D graphics</source>
            <translation>3D-Grafik</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Rechenwerk</translation>
        </message>
        <message>
            <source>Hand model</source>
            <translation>Handmodell</translation>
        </message>
        <message>
            <source>Install a graphics driver. The picture works without, in 2D.</source>
            <translation>Installieren Sie einen Grafiktreiber. Das Bild geht auch ohne, in 2D.</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>Netz</translation>
        </message>
        <message>
            <source>Plug one in and look again. The demo clip shows how it works.</source>
            <translation>Schließen Sie eine an und prüfen Sie noch einmal. Der Democlip zeigt, wie es geht.</translation>
        </message>
        <message>
            <source>Reinstall the program.</source>
            <translation>Installieren Sie das Programm neu.</translation>
        </message>
        <message>
            <source>Restore the folder “resources”, or reinstall.</source>
            <translation>Stellen Sie den Ordner „resources“ wieder her oder installieren Sie neu.</translation>
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
            <translation>Alles ist da.</translation>
        </message>
        <message>
            <source>Hold your hands before the webcam.</source>
            <translation>Halten Sie Ihre Hände vor die Webcam.</translation>
        </message>
        <message>
            <source>It works here; what is marked can be better.</source>
            <translation>Es geht hier; was markiert ist, kann besser sein.</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>Noch einmal prüfen</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>Dieser Rechner wird geprüft ...</translation>
        </message>
        <message>
            <source>Open a video ...</source>
            <translation>Video öffnen ...</translation>
        </message>
        <message>
            <source>Play the demo clip</source>
            <translation>Democlip abspielen</translation>
        </message>
        <message>
            <source>Something that is needed is missing.</source>
            <translation>Etwas, das nötig ist, fehlt.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>They appear on the picture and in the 3D view, as many as there are. No picture leaves this computer.</source>
            <translation>Sie erscheinen auf dem Bild und in der 3D-Ansicht, so viele es sind. Kein Bild verlässt diesen Rechner.</translation>
        </message>
        <message>
            <source>Welcome to ManyHands</source>
            <translation>Willkommen bei ManyHands</translation>
        </message>
        <message>
            <source>can be better</source>
            <translation>kann besser sein</translation>
        </message>
        <message>
            <source>good</source>
            <translation>gut</translation>
        </message>
        <message>
            <source>looking</source>
            <translation>wird geprüft</translation>
        </message>
        <message>
            <source>missing</source>
            <translation>fehlt</translation>
        </message>
    </context>
    <context>
        <name>_Row</name>
        <message>
            <source>{stream}: state</source>
            <translation>{stream}: Zustand</translation>
        </message>
    </context>
</TS>
