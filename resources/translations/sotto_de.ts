<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Use the built-in skills only</source>
        <translation>Nur die eingebauten Fertigkeiten nutzen</translation>
    </message>
    <message>
        <source>Look for servers on this machine</source>
        <translation>Server auf diesem Rechner suchen</translation>
    </message>
    <message>
        <source>Servers that are known</source>
        <translation>Bekannte Server</translation>
    </message>
    <message>
        <source>Choose a server</source>
        <translation>Server auswählen</translation>
    </message>
    <message>
        <source>Address of the server</source>
        <translation>Adresse des Servers</translation>
    </message>
    <message>
        <source>List its models</source>
        <translation>Modelle auflisten</translation>
    </message>
    <message>
        <source>API key of the server</source>
        <translation>API-Schlüssel des Servers</translation>
    </message>
    <message>
        <source>API key, only where the server asks for one</source>
        <translation>API-Schlüssel, nur falls der Server einen verlangt</translation>
    </message>
    <message>
        <source>Keep the key</source>
        <translation>Schlüssel behalten</translation>
    </message>
    <message>
        <source>Forget the key</source>
        <translation>Schlüssel vergessen</translation>
    </message>
    <message>
        <source>Models of the server</source>
        <translation>Modelle des Servers</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>Dieses Modell nutzen</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>answers now</source>
        <translation>antwortet jetzt</translation>
    </message>
    <message>
        <source>Its models are not listed yet.</source>
        <translation>Seine Modelle sind noch nicht aufgelistet.</translation>
    </message>
    <message>
        <source>Look for a server, or enter an address.</source>
        <translation>Suche einen Server, oder gib eine Adresse ein.</translation>
    </message>
    <message>
        <source>Asking the server.</source>
        <translation>Der Server wird gefragt.</translation>
    </message>
    <message>
        <source>Stop the test</source>
        <translation>Test abbrechen</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>The engine does not run; start it again in the window, then try this once more.</source>
        <translation>Die Engine läuft nicht; starte sie im Fenster neu und versuche es dann noch einmal.</translation>
    </message>
    <message>
        <source>Listen</source>
        <translation>Zuhören</translation>
    </message>
    <message>
        <source>Listen (Ctrl+Space)</source>
        <translation>Zuhören (Strg+Leertaste)</translation>
    </message>
    <message>
        <source>Stop listening</source>
        <translation>Nicht mehr zuhören</translation>
    </message>
    <message>
        <source>Hold to talk</source>
        <translation>Zum Sprechen halten</translation>
    </message>
    <message>
        <source>Hold to talk (Ctrl+Space)</source>
        <translation>Zum Sprechen halten (Strg+Leertaste)</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stummschalten</translation>
    </message>
    <message>
        <source>Mute the microphone (Ctrl+M)</source>
        <translation>Mikrofon stummschalten (Strg+M)</translation>
    </message>
    <message>
        <source>Unmute</source>
        <translation>Stummschaltung aufheben</translation>
    </message>
    <message>
        <source>Open the microphone (Ctrl+M)</source>
        <translation>Mikrofon öffnen (Strg+M)</translation>
    </message>
    <message>
        <source>State in words</source>
        <translation>Zustand in Worten</translation>
    </message>
    <message>
        <source>Type instead of talking</source>
        <translation>Tippen statt sprechen</translation>
    </message>
    <message>
        <source>Text to send</source>
        <translation>Text zum Senden</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>Senden (Eingabe)</translation>
    </message>
    <message>
        <source>Stop speaking</source>
        <translation>Sprechen beenden</translation>
    </message>
    <message>
        <source>Stop speaking (Esc)</source>
        <translation>Sprechen beenden (Esc)</translation>
    </message>
    <message>
        <source>Markdown</source>
        <translation>Markdown</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Klang</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
    <message>
        <source>dd MMM yyyy</source>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>Gespräche durchsuchen</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>No conversation yet</source>
        <translation>Noch kein Gespräch</translation>
    </message>
    <message numerus="yes">
        <source>%n turn(s)</source>
        <translation>
            <numerusform>%n Wortwechsel</numerusform>
            <numerusform>%n Wortwechsel</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Rename… (F2)</source>
        <translation>Umbenennen … (F2)</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Delete (Del)</source>
        <translation>Löschen (Entf)</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Correct what you said</source>
        <translation>Berichtigen, was du gesagt hast</translation>
    </message>
    <message>
        <source>Recognised: {words}</source>
        <translation>Erkannt: {words}</translation>
    </message>
    <message>
        <source>What you said</source>
        <translation>Was du gesagt hast</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save and ask again</source>
        <translation>Speichern und erneut fragen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The window failed in a way it should not ({kind}); it goes on.</source>
        <translation>Im Fenster trat ein Fehler auf, der nicht vorkommen sollte ({kind}); es läuft weiter.</translation>
    </message>
    <message>
        <source>Please report this.</source>
        <translation>Bitte melde das.</translation>
    </message>
    <message>
        <source>Sotto ended unexpectedly the last time.</source>
        <translation>Sotto wurde beim letzten Mal unerwartet beendet.</translation>
    </message>
    <message>
        <source>Your conversations are kept. A report helps to mend it; it holds none of your words.</source>
        <translation>Deine Gespräche sind erhalten. Ein Bericht hilft, den Fehler zu beheben; er enthält keines deiner Worte.</translation>
    </message>
    <message>
        <source>Like the system: {device}</source>
        <translation>Wie das System: {device}</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>{device}, not plugged in</source>
        <translation>{device}, nicht angeschlossen</translation>
    </message>
    <message>
        <source>end of turn</source>
        <translation>Ende des Satzes</translation>
    </message>
    <message>
        <source>recognition</source>
        <translation>Erkennung</translation>
    </message>
    <message>
        <source>dialogue</source>
        <translation>Dialog</translation>
    </message>
    <message>
        <source>speech</source>
        <translation>Sprachausgabe</translation>
    </message>
    <message>
        <source>leading silence</source>
        <translation>Stille zu Beginn</translation>
    </message>
    <message>
        <source>output</source>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>95th percentile</source>
        <translation>95. Perzentil</translation>
    </message>
    <message>
        <source>Answers begun ahead</source>
        <translation>Vorab begonnene Antworten</translation>
    </message>
    <message>
        <source>{count} of {all}</source>
        <translation>{count} von {all}</translation>
    </message>
    <message>
        <source>Real-time factor</source>
        <translation>Echtzeitfaktor</translation>
    </message>
    <message>
        <source>Underruns</source>
        <translation>Aussetzer</translation>
    </message>
    <message>
        <source>{runtime} on {device}</source>
        <translation>{runtime} auf {device}</translation>
    </message>
    <message>
        <source>Runs with</source>
        <translation>Läuft mit</translation>
    </message>
    <message>
        <source>Find in this conversation</source>
        <translation>In diesem Gespräch suchen</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Vorige Stelle</translation>
    </message>
    <message>
        <source>Next</source>
        <comment>place that is found</comment>
        <translation>Nächste Stelle</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Suche schließen</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Nicht gefunden</translation>
    </message>
    <message>
        <source>Too quiet: move closer, or raise the microphone&apos;s level in the system&apos;s settings.</source>
        <translation>Zu leise: Geh näher heran, oder erhöhe den Mikrofonpegel in den Systemeinstellungen.</translation>
    </message>
    <message>
        <source>Too noisy: move the microphone closer, or use a headset.</source>
        <translation>Zu viel Lärm: Stelle das Mikrofon näher heran, oder nimm ein Headset.</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>in Ordnung</translation>
    </message>
    <message>
        <source>too quiet</source>
        <translation>zu leise</translation>
    </message>
    <message>
        <source>too noisy</source>
        <translation>zu viel Lärm</translation>
    </message>
    <message>
        <source>Input level</source>
        <translation>Eingangspegel</translation>
    </message>
    <message>
        <source>Input level: {state}. The mark is the room without a voice.</source>
        <translation>Eingangspegel: {state}. Der Strich zeigt den Raum ohne Stimme.</translation>
    </message>
    <message>
        <source>Exported to {path}.</source>
        <translation>Exportiert nach {path}.</translation>
    </message>
    <message>
        <source>“{title}” was deleted.</source>
        <translation>„{title}“ wurde gelöscht.</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Start it again</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Delays of the last turns</source>
        <translation>Verzögerungen der letzten Wortwechsel</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>noch keine</translation>
    </message>
    <message>
        <source>No spoken answer yet</source>
        <translation>Noch keine gesprochene Antwort</translation>
    </message>
    <message>
        <source>Parts of a delay: {parts}</source>
        <translation>Teile einer Verzögerung: {parts}</translation>
    </message>
    <message>
        <source>begun ahead</source>
        <translation>vorab begonnen</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>Copy a report without any words of the conversation</source>
        <translation>Bericht kopieren, ohne ein Wort des Gesprächs</translation>
    </message>
    <message>
        <source>What was said</source>
        <translation>Was gesagt wurde</translation>
    </message>
    <message>
        <source>How it was said</source>
        <translation>Wie es gesagt wurde</translation>
    </message>
    <message numerus="yes">
        <source>{who}, {words}, %n second(s) old, weight {weight}</source>
        <translation>
            <numerusform>{who}, {words}, %n Sekunde alt, Gewicht {weight}</numerusform>
            <numerusform>{who}, {words}, %n Sekunden alt, Gewicht {weight}</numerusform>
        </translation>
    </message>
    <message>
        <source>you</source>
        <translation>du</translation>
    </message>
    <message>
        <source>no words</source>
        <translation>keine Worte</translation>
    </message>
    <message>
        <source>Memory: {bank}</source>
        <translation>Gedächtnis: {bank}</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiterer</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>You: {words}</source>
        <translation>Du: {words}</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Gedächtnis</translation>
    </message>
    <message>
        <source>What you told me to remember</source>
        <translation>Was du mir zu merken aufgetragen hast</translation>
    </message>
    <message>
        <source>{panel}, open</source>
        <translation>{panel}, aufgeklappt</translation>
    </message>
    <message>
        <source>{panel}, folded</source>
        <translation>{panel}, zugeklappt</translation>
    </message>
    <message>
        <source>▲ begins to speak   ■ turn ends   ✕ interruption</source>
        <translation>▲ beginnt zu sprechen   ■ Ende des Satzes   ✕ Unterbrechung</translation>
    </message>
    <message>
        <source>Waveform</source>
        <translation>Wellenform</translation>
    </message>
    <message>
        <source>Show a longer time</source>
        <translation>Längere Zeit zeigen</translation>
    </message>
    <message>
        <source>Show a shorter time</source>
        <translation>Kürzere Zeit zeigen</translation>
    </message>
    <message>
        <source>Freeze the picture</source>
        <translation>Bild anhalten</translation>
    </message>
    <message>
        <source>Waveform of both voices</source>
        <translation>Wellenform beider Stimmen</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Du</translation>
    </message>
    <message>
        <source>The last {seconds} seconds.</source>
        <translation>Die letzten {seconds} Sekunden.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Who the model is</source>
        <translation>Wer das Modell ist</translation>
    </message>
    <message>
        <source>How the model answers</source>
        <translation>Wie das Modell antwortet</translation>
    </message>
    <message>
        <source>Keep these words</source>
        <translation>Diese Worte behalten</translation>
    </message>
    <message>
        <source>Back to the default</source>
        <translation>Zurück zur Vorgabe</translation>
    </message>
    <message>
        <source>Character</source>
        <translation>Charakter</translation>
    </message>
    <message>
        <source>&amp;Who the model is</source>
        <translation>&amp;Wer das Modell ist</translation>
    </message>
    <message>
        <source>&amp;How it answers</source>
        <translation>Wie es &amp;antwortet</translation>
    </message>
    <message>
        <source>{title} is here and can be used.</source>
        <translation>{title} ist da und kann genutzt werden.</translation>
    </message>
    <message>
        <source>Every file of {title} is whole.</source>
        <translation>Alle Dateien von {title} sind unversehrt.</translation>
    </message>
    <message>
        <source>{title} was removed; {megabytes} MB are free again.</source>
        <translation>{title} wurde entfernt; {megabytes} MB sind wieder frei.</translation>
    </message>
    <message>
        <source>Recognisers</source>
        <translation>Spracherkenner</translation>
    </message>
    <message>
        <source>About this recogniser</source>
        <translation>Über diesen Spracherkenner</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>How much of the download is here</source>
        <translation>Wie viel schon heruntergeladen ist</translation>
    </message>
    <message>
        <source>What happened last</source>
        <translation>Was zuletzt geschah</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Nutzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Check its files</source>
        <translation>Dateien prüfen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Use a folder…</source>
        <translation>Ordner nutzen …</translation>
    </message>
    <message>
        <source>your folder</source>
        <translation>dein Ordner</translation>
    </message>
    <message>
        <source>listens now</source>
        <translation>hört jetzt zu</translation>
    </message>
    <message>
        <source>downloading</source>
        <translation>wird heruntergeladen</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>downloaded</source>
        <translation>heruntergeladen</translation>
    </message>
    <message>
        <source>download failed</source>
        <translation>Herunterladen fehlgeschlagen</translation>
    </message>
    <message>
        <source>download paused</source>
        <translation>Herunterladen angehalten</translation>
    </message>
    <message>
        <source>can be downloaded, {size}</source>
        <translation>kann heruntergeladen werden, {size}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>A model in a folder of your own.</source>
        <translation>Ein Modell in einem eigenen Ordner.</translation>
    </message>
    <message>
        <source>Loading the list of recognisers.</source>
        <translation>Die Liste der Spracherkenner wird geladen.</translation>
    </message>
    <message numerus="yes">
        <source>{languages} and %n more</source>
        <translation>
            <numerusform>{languages} und %n weitere</numerusform>
            <numerusform>{languages} und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Languages: {languages}</source>
        <translation>Sprachen: {languages}</translation>
    </message>
    <message>
        <source>Licence: {licence}</source>
        <translation>Lizenz: {licence}</translation>
    </message>
    <message>
        <source>Size: {size}; {free} are free on the disk</source>
        <translation>Größe: {size}; {free} sind auf der Festplatte frei</translation>
    </message>
    <message>
        <source>Needs: {hardware}</source>
        <translation>Braucht: {hardware}</translation>
    </message>
    <message>
        <source>From: {place}</source>
        <translation>Von: {place}</translation>
    </message>
    <message>
        <source>The folder of a recogniser model</source>
        <translation>Der Ordner eines Erkennermodells</translation>
    </message>
    <message>
        <source>The conversation ended by itself; begin it again.</source>
        <translation>Das Gespräch wurde von selbst beendet; beginne es neu.</translation>
    </message>
    <message>
        <source>Every file of the voice {voice} is whole.</source>
        <translation>Alle Dateien der Stimme {voice} sind unversehrt.</translation>
    </message>
    <message>
        <source>The settings in {path} cannot be read ({reason}); the defaults are used.</source>
        <translation>Die Einstellungen in {path} lassen sich nicht lesen ({reason}); es gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>it is no valid TOML</source>
        <translation>die Datei kein gültiges TOML enthält</translation>
    </message>
    <message>
        <source>The settings could not be used, since {reason}; the defaults are used.</source>
        <translation>Die Einstellungen ließen sich nicht verwenden, da {reason}; es gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>The old file is kept as {path}.</source>
        <translation>Die alte Datei bleibt als {path} erhalten.</translation>
    </message>
    <message>
        <source>The settings cannot be saved in {folder} ({reason}); they hold until Sotto ends. Make the folder writable.</source>
        <translation>Die Einstellungen lassen sich in {folder} nicht speichern ({reason}); sie gelten, bis Sotto endet. Mache den Ordner beschreibbar.</translation>
    </message>
    <message>
        <source>it has no version number</source>
        <translation>die Versionsnummer fehlt</translation>
    </message>
    <message>
        <source>it is of a newer Sotto (version {found}, this one knows {version})</source>
        <translation>sie von einem neueren Sotto stammen (Version {found}, bekannt ist {version})</translation>
    </message>
    <message>
        <source>nothing is known of its version {found}</source>
        <translation>ihre Version {found} unbekannt ist</translation>
    </message>
    <message>
        <source>the file</source>
        <translation>die Datei</translation>
    </message>
    <message>
        <source>{where} is no table</source>
        <translation>{where} keine Tabelle ist</translation>
    </message>
    <message>
        <source>{where} has an unknown key {key}</source>
        <translation>{where} den unbekannten Schlüssel {key} enthält</translation>
    </message>
    <message>
        <source>{key} cannot be {value}</source>
        <translation>{key} nicht {value} sein kann</translation>
    </message>
    <message>
        <source>{name} must lie between {lowest} and {highest}, not be {value}</source>
        <translation>{name} zwischen {lowest} und {highest} liegen muss und nicht {value} sein kann</translation>
    </message>
    <message>
        <source>When called, until you fall silent</source>
        <translation>Auf Zuruf, bis du schweigst</translation>
    </message>
    <message>
        <source>All the time</source>
        <translation>Die ganze Zeit</translation>
    </message>
    <message>
        <source>While a key is held</source>
        <translation>Solange eine Taste gehalten wird</translation>
    </message>
    <message>
        <source>Loudspeakers: echo is taken out</source>
        <translation>Lautsprecher: Echo wird entfernt</translation>
    </message>
    <message>
        <source>Headphones: there is no echo</source>
        <translation>Kopfhörer: es gibt kein Echo</translation>
    </message>
    <message>
        <source>Close the microphone meanwhile</source>
        <translation>Mikrofon so lange schließen</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Reduced</source>
        <translation>Vermindert</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Voll</translation>
    </message>
    <message>
        <source>Everything stays on this machine. Speech is recognised, answered and spoken here; conversations lie in a file in your own folder. Nothing is downloaded or sent without a click of yours.

The bundled recogniser understands basic English commands: the time, dates, sums, units, notes, timers and alarms. It understands free conversation less well.</source>
        <translation>Alles bleibt auf diesem Rechner. Sprache wird hier erkannt, beantwortet und gesprochen; Gespräche liegen in einer Datei in deinem eigenen Ordner. Nichts wird heruntergeladen oder gesendet, ohne dass du darauf klickst.

Der mitgelieferte Spracherkenner versteht einfache englische Befehle: Uhrzeit, Daten, Rechnungen, Einheiten, Notizen, Timer und Wecker. Freie Unterhaltung versteht er weniger gut.</translation>
    </message>
    <message>
        <source>What you say and what Sotto answers is kept as sound beside the words, from the next thing said on, until you delete the turn or its conversation. A conversation can be exported as a WAV file then.</source>
        <translation>Was du sagst und was Sotto antwortet, wird ab dem nächsten Satz neben den Worten auch als Klang aufbewahrt, bis du den Wortwechsel oder sein Gespräch löschst. Ein Gespräch lässt sich dann als WAV-Datei exportieren.</translation>
    </message>
    <message>
        <source>No sound is kept, only words. What was kept of earlier conversations stays as sound until you delete the turn or its conversation.</source>
        <translation>Es wird kein Klang aufbewahrt, nur Worte. Was von früheren Gesprächen als Klang aufbewahrt wurde, bleibt, bis du den Wortwechsel oder sein Gespräch löschst.</translation>
    </message>
    <message>
        <source>Groups of settings</source>
        <translation>Gruppen von Einstellungen</translation>
    </message>
    <message>
        <source>Voices</source>
        <translation>Stimmen</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Recognition</source>
        <translation>Erkennung</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>You have set up an exception.</source>
        <translation>Du hast eine Ausnahme eingerichtet.</translation>
    </message>
    <message>
        <source>Listening</source>
        <translation>Hört zu</translation>
    </message>
    <message>
        <source>Listening</source>
        <comment>when</comment>
        <translation>Zuhören</translation>
    </message>
    <message>
        <source>While Sotto speaks</source>
        <translation>Während Sotto spricht</translation>
    </message>
    <message>
        <source>Patience with pauses</source>
        <translation>Geduld bei Pausen</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Speaking rate</source>
        <translation>Sprechtempo</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Mikrofon</translation>
    </message>
    <message>
        <source>Loudspeaker</source>
        <translation>Lautsprecher</translation>
    </message>
    <message>
        <source>&amp;Listen</source>
        <translation>&amp;Zuhören</translation>
    </message>
    <message>
        <source>&amp;Microphone</source>
        <translation>&amp;Mikrofon</translation>
    </message>
    <message>
        <source>L&amp;oudspeaker</source>
        <translation>Laut&amp;sprecher</translation>
    </message>
    <message>
        <source>While &amp;Sotto speaks</source>
        <translation>&amp;Während Sotto spricht</translation>
    </message>
    <message>
        <source>&amp;Patience with pauses</source>
        <translation>&amp;Geduld bei Pausen</translation>
    </message>
    <message>
        <source>&amp;Volume</source>
        <translation>&amp;Lautstärke</translation>
    </message>
    <message>
        <source>Speaking &amp;rate</source>
        <translation>Sprech&amp;tempo</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Size of type</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Motion</source>
        <translation>&amp;Bewegung</translation>
    </message>
    <message>
        <source>&amp;Size of type</source>
        <translation>&amp;Schriftgröße</translation>
    </message>
    <message>
        <source>What stays on this machine</source>
        <translation>Was auf diesem Rechner bleibt</translation>
    </message>
    <message>
        <source>What leaves this machine</source>
        <translation>Was diesen Rechner verlässt</translation>
    </message>
    <message>
        <source>&amp;Keep the sound of conversations</source>
        <translation>&amp;Klang von Gesprächen aufbewahren</translation>
    </message>
    <message>
        <source>Keep the sound of conversations</source>
        <translation>Klang von Gesprächen aufbewahren</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>Ask each time</source>
        <translation>Jedes Mal fragen</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Tool servers (MCP) let a language model do more, such as read a calendar. Each is somebody&apos;s program that runs as you, or an address that is asked. Before a tool is used Sotto asks you aloud, unless you decide otherwise here.</source>
        <translation>Mit Werkzeugservern (MCP) kann ein Sprachmodell mehr tun, etwa einen Kalender lesen. Jeder ist ein fremdes Programm, das mit deinen Rechten läuft, oder eine Adresse, die gefragt wird. Bevor ein Werkzeug genutzt wird, fragt Sotto dich laut, es sei denn, du entscheidest hier anders.</translation>
    </message>
    <message>
        <source>Tool servers</source>
        <translation>Werkzeugserver</translation>
    </message>
    <message>
        <source>Allow</source>
        <translation>Erlauben</translation>
    </message>
    <message>
        <source>Look at its tools</source>
        <translation>Werkzeuge ansehen</translation>
    </message>
    <message>
        <source>Tools of the server</source>
        <translation>Werkzeuge des Servers</translation>
    </message>
    <message>
        <source>Use of the chosen tool</source>
        <translation>Nutzung des gewählten Werkzeugs</translation>
    </message>
    <message>
        <source>&amp;Use the chosen tool</source>
        <translation>&amp;Gewähltes Werkzeug nutzen</translation>
    </message>
    <message>
        <source>Name of a new tool server</source>
        <translation>Name eines neuen Werkzeugservers</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Command with its arguments, or an address</source>
        <translation>Befehl mit Argumenten, oder eine Adresse</translation>
    </message>
    <message>
        <source>Command with its arguments, or http://…</source>
        <translation>Befehl mit Argumenten, oder http://…</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add a tool server</source>
        <translation>Werkzeugserver hinzufügen</translation>
    </message>
    <message>
        <source>allowed</source>
        <translation>erlaubt</translation>
    </message>
    <message>
        <source>not allowed</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>There is no tool server yet.</source>
        <translation>Es gibt noch keinen Werkzeugserver.</translation>
    </message>
    <message>
        <source>No language model answers now, so no tools are used.</source>
        <translation>Zurzeit antwortet kein Sprachmodell, also werden keine Werkzeuge genutzt.</translation>
    </message>
    <message>
        <source>It offers no tools.</source>
        <translation>Er bietet keine Werkzeuge an.</translation>
    </message>
    <message>
        <source>Starting it to ask for its tools.</source>
        <translation>Er wird gestartet und nach seinen Werkzeugen gefragt.</translation>
    </message>
    <message>
        <source>Do not allow</source>
        <translation>Nicht erlauben</translation>
    </message>
    <message>
        <source>Stop asking</source>
        <translation>Nicht weiter fragen</translation>
    </message>
    <message>
        <source>The command has an opening quotation mark without a closing one; add it.</source>
        <translation>Im Befehl fehlt ein schließendes Anführungszeichen; ergänze es.</translation>
    </message>
    <message>
        <source>typed</source>
        <translation>getippt</translation>
    </message>
    <message>
        <source>corrected</source>
        <translation>berichtigt</translation>
    </message>
    <message>
        <source>Interrupted: the words after ✂ were not heard.</source>
        <translation>Unterbrochen: Die Worte nach ✂ waren nicht zu hören.</translation>
    </message>
    <message>
        <source>✂ Interrupted here.</source>
        <translation>✂ Hier unterbrochen.</translation>
    </message>
    <message>
        <source>✎ Written, not heard: there was no loudspeaker.</source>
        <translation>✎ Geschrieben, nicht zu hören: Es war kein Lautsprecher da.</translation>
    </message>
    <message>
        <source>✎ Written, in part not heard: the loudspeaker was gone for a while.</source>
        <translation>✎ Geschrieben, zum Teil nicht zu hören: Der Lautsprecher war eine Weile weg.</translation>
    </message>
    <message>
        <source>✎ Corrected. Recognised was: {words}</source>
        <translation>✎ Berichtigt. Erkannt wurde: {words}</translation>
    </message>
    <message>
        <source>⚠ This answer failed.</source>
        <translation>⚠ Diese Antwort ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Tool</source>
        <translation>Werkzeug</translation>
    </message>
    <message>
        <source>Details are hidden.</source>
        <translation>Einzelheiten sind verborgen.</translation>
    </message>
    <message>
        <source>Written, not heard.</source>
        <translation>Geschrieben, nicht zu hören.</translation>
    </message>
    <message>
        <source>Written, in part not heard.</source>
        <translation>Geschrieben, zum Teil nicht zu hören.</translation>
    </message>
    <message>
        <source>Interrupted. Not heard: {words}</source>
        <translation>Unterbrochen. Nicht zu hören: {words}</translation>
    </message>
    <message>
        <source>Interrupted.</source>
        <translation>Unterbrochen.</translation>
    </message>
    <message>
        <source>The answer failed.</source>
        <translation>Die Antwort ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Corrected. Recognised was: {words}</source>
        <translation>Berichtigt. Erkannt wurde: {words}</translation>
    </message>
    <message>
        <source>Transcript</source>
        <translation>Mitschrift</translation>
    </message>
    <message>
        <source>Copy this code</source>
        <translation>Diesen Code kopieren</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Copy code {number}</source>
        <translation>Code {number} kopieren</translation>
    </message>
    <message>
        <source>Show Sotto</source>
        <translation>Sotto zeigen</translation>
    </message>
    <message>
        <source>Mute the microphone</source>
        <translation>Mikrofon stummschalten</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>The microphone is muted.</source>
        <translation>Das Mikrofon ist stumm.</translation>
    </message>
    <message>
        <source>Open the microphone</source>
        <translation>Mikrofon öffnen</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>Einzelheiten zeigen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Speak again</source>
        <translation>Noch einmal sprechen</translation>
    </message>
    <message>
        <source>Ctrl+C</source>
        <translation>Strg+C</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>Berichtigen …</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>Einzelheiten verbergen</translation>
    </message>
    <message>
        <source>The question and its answer were deleted.</source>
        <translation>Die Frage und ihre Antwort wurden gelöscht.</translation>
    </message>
    <message>
        <source>Speak with this voice</source>
        <translation>Mit dieser Stimme sprechen</translation>
    </message>
    <message>
        <source>speaks now</source>
        <translation>spricht jetzt</translation>
    </message>
    <message>
        <source>Loading the list of voices.</source>
        <translation>Die Liste der Stimmen wird geladen.</translation>
    </message>
    <message>
        <source>Folder: {folder}</source>
        <translation>Ordner: {folder}</translation>
    </message>
    <message>
        <source>Everything stays on this machine: what you say is recognised, answered and spoken here. Nothing is downloaded without a click of yours.</source>
        <translation>Alles bleibt auf diesem Rechner: Was du sagst, wird hier erkannt, beantwortet und gesprochen. Nichts wird heruntergeladen, ohne dass du darauf klickst.</translation>
    </message>
    <message>
        <source>The bundled recogniser understands basic English commands, such as “What time is it?”, “Set a timer for five minutes” or “What is twelve times seven?”. For free conversation, download a model in the settings, under Recognition.</source>
        <translation>Der mitgelieferte Spracherkenner versteht einfache englische Befehle wie „What time is it?“, „Set a timer for five minutes“ oder „What is twelve times seven?“. Lade für freie Unterhaltung ein Modell in den Einstellungen unter „Erkennung“ herunter.</translation>
    </message>
    <message>
        <source>Sotto heard itself. Use headphones, lower the volume, or choose “Close the microphone meanwhile” in the settings.</source>
        <translation>Sotto hat sich selbst gehört. Nimm Kopfhörer, verringere die Lautstärke, oder wähle in den Einstellungen „Mikrofon so lange schließen“.</translation>
    </message>
    <message>
        <source>Welcome to Sotto</source>
        <translation>Willkommen bei Sotto</translation>
    </message>
    <message>
        <source>Skip all</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Hear a sentence</source>
        <translation>Einen Satz anhören</translation>
    </message>
    <message>
        <source>Do you hear Sotto?</source>
        <translation>Hörst du Sotto?</translation>
    </message>
    <message>
        <source>Level of the microphone</source>
        <translation>Pegel des Mikrofons</translation>
    </message>
    <message>
        <source>Say something, such as “What time is it?”</source>
        <translation>Sag etwas, zum Beispiel „What time is it?“</translation>
    </message>
    <message>
        <source>What Sotto understood</source>
        <translation>Was Sotto verstanden hat</translation>
    </message>
    <message>
        <source>Does Sotto hear you?</source>
        <translation>Hört Sotto dich?</translation>
    </message>
    <message>
        <source>Check with loudspeakers</source>
        <translation>Mit Lautsprechern prüfen</translation>
    </message>
    <message>
        <source>Result of the check</source>
        <translation>Ergebnis der Prüfung</translation>
    </message>
    <message>
        <source>With loudspeakers Sotto must not hear itself. Be quiet while it speaks.</source>
        <translation>Mit Lautsprechern darf Sotto sich nicht selbst hören. Sei still, während es spricht.</translation>
    </message>
    <message>
        <source>Does Sotto hear itself?</source>
        <translation>Hört Sotto sich selbst?</translation>
    </message>
    <message>
        <source>Step {number} of {all}</source>
        <translation>Schritt {number} von {all}</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Well: Sotto does not hear itself.</source>
        <translation>Gut: Sotto hört sich nicht selbst.</translation>
    </message>
    <message>
        <source>Sotto speaks; be quiet.</source>
        <translation>Sotto spricht; sei still.</translation>
    </message>
    <message>
        <source>Say or type something to begin.</source>
        <translation>Sag oder tippe etwas, um zu beginnen.</translation>
    </message>
    <message>
        <source>Title of the conversation</source>
        <translation>Titel des Gesprächs</translation>
    </message>
    <message>
        <source>Waveform, memory, latency</source>
        <translation>Wellenform, Gedächtnis, Latenz</translation>
    </message>
    <message>
        <source>Back to the present one</source>
        <translation>Zurück zum jetzigen</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>Neues Gespräch (Strg+N)</translation>
    </message>
    <message>
        <source>Find (Ctrl+F)</source>
        <translation>Suchen (Strg+F)</translation>
    </message>
    <message>
        <source>Settings (Ctrl+,)</source>
        <translation>Einstellungen (Strg+,)</translation>
    </message>
    <message>
        <source>Asleep</source>
        <translation>Schläft</translation>
    </message>
    <message>
        <source>Hearing you</source>
        <translation>Hört dich</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>Denkt nach</translation>
    </message>
    <message>
        <source>Speaking</source>
        <translation>Spricht</translation>
    </message>
    <message>
        <source>Paused: go on, or wait</source>
        <translation>Hält inne: sprich weiter, oder warte</translation>
    </message>
    <message>
        <source>Microphone muted</source>
        <translation>Mikrofon stumm</translation>
    </message>
    <message>
        <source>Not working</source>
        <translation>Geht nicht</translation>
    </message>
    <message>
        <source>Answering in writing</source>
        <translation>Antwortet schriftlich</translation>
    </message>
    <message>
        <source>Cannot hear you: type instead</source>
        <translation>Kann dich nicht hören: tippe bitte</translation>
    </message>
    <message>
        <source>Press the microphone or Ctrl+Space to talk, or type.</source>
        <translation>Drücke zum Sprechen das Mikrofon oder Strg+Leertaste, oder tippe.</translation>
    </message>
    <message>
        <source>Just talk, or type.</source>
        <translation>Sprich einfach, oder tippe.</translation>
    </message>
    <message>
        <source>Hold Ctrl+Space or the microphone button while you talk, or type.</source>
        <translation>Halte beim Sprechen Strg+Leertaste oder das Mikrofon gedrückt, oder tippe.</translation>
    </message>
    <message>
        <source>Start it again above; the conversation is kept.</source>
        <translation>Starte sie oben neu; das Gespräch bleibt erhalten.</translation>
    </message>
    <message>
        <source>The engine has stopped</source>
        <translation>Die Engine läuft nicht mehr</translation>
    </message>
    <message>
        <source>Loading the voice {voice}. You can type meanwhile.</source>
        <translation>Die Stimme {voice} wird geladen. Du kannst schon tippen.</translation>
    </message>
    <message>
        <source>Loading the voice. You can type meanwhile.</source>
        <translation>Die Stimme wird geladen. Du kannst schon tippen.</translation>
    </message>
    <message>
        <source>Getting ready</source>
        <translation>Gleich bereit</translation>
    </message>
    <message>
        <source>Esc stops.</source>
        <translation>Esc beendet.</translation>
    </message>
    <message>
        <source>Used the tool {tool} of {owner}: it did not work</source>
        <translation>Werkzeug {tool} von {owner} genutzt: Es ging nicht</translation>
    </message>
    <message>
        <source>Used the tool {tool}: it did not work</source>
        <translation>Werkzeug {tool} genutzt: Es ging nicht</translation>
    </message>
    <message>
        <source>Used the tool {tool} of {owner}</source>
        <translation>Werkzeug {tool} von {owner} genutzt</translation>
    </message>
    <message>
        <source>Used the tool {tool}</source>
        <translation>Werkzeug {tool} genutzt</translation>
    </message>
    <message>
        <source>Arguments</source>
        <translation>Argumente</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>The settings of the answers cannot be read.</source>
        <translation>Die Einstellungen der Antworten lassen sich nicht lesen.</translation>
    </message>
    <message>
        <source>Reading the settings.</source>
        <translation>Die Einstellungen werden gelesen.</translation>
    </message>
    <message>
        <source>The built-in skills answer.</source>
        <translation>Die eingebauten Fertigkeiten antworten.</translation>
    </message>
    <message>
        <source>{model} answers what the built-in skills do not ({server}).</source>
        <translation>{model} beantwortet, was die eingebauten Fertigkeiten nicht beantworten ({server}).</translation>
    </message>
    <message>
        <source>They know the time, sums, notes, timers and the like, and need no network. A language model can answer the rest.</source>
        <translation>Sie kennen Uhrzeit, Rechnen, Notizen, Timer und Ähnliches und brauchen kein Netz. Das Übrige kann ein Sprachmodell beantworten.</translation>
    </message>
    <message>
        <source>It runs on this machine: what you say stays here.</source>
        <translation>Es läuft auf diesem Rechner: Was du sagst, bleibt hier.</translation>
    </message>
    <message>
        <source>What you say, and the conversation so far, is sent to {server}.</source>
        <translation>Was du sagst, und das bisherige Gespräch, wird an {server} gesendet.</translation>
    </message>
    <message>
        <source>A change takes effect with your next question; the conversation goes on.</source>
        <translation>Eine Änderung gilt ab deiner nächsten Frage; das Gespräch geht weiter.</translation>
    </message>
    <message>
        <source>Looking on the usual ports.</source>
        <translation>Die üblichen Ports werden abgesucht.</translation>
    </message>
    <message>
        <source>Ollama, LM Studio, llama.cpp and vLLM are looked for on their usual ports. Nothing else is asked.</source>
        <translation>Ollama, LM Studio, llama.cpp und vLLM werden auf ihren üblichen Ports gesucht. Sonst wird nichts gefragt.</translation>
    </message>
    <message>
        <source>No server answers here. Start Ollama, LM Studio, llama.cpp or vLLM and look again, or enter an address.</source>
        <translation>Hier antwortet kein Server. Starte Ollama, LM Studio, llama.cpp oder vLLM und suche noch einmal, oder gib eine Adresse ein.</translation>
    </message>
    <message numerus="yes">
        <source>{server} (%n model(s))</source>
        <translation>
            <numerusform>{server} (%n Modell)</numerusform>
            <numerusform>{server} (%n Modelle)</numerusform>
        </translation>
    </message>
    <message>
        <source>Found: {servers}.</source>
        <translation>Gefunden: {servers}.</translation>
    </message>
    <message>
        <source>Asking the keyring of this computer.</source>
        <translation>Der Schlüsselbund dieses Rechners wird gefragt.</translation>
    </message>
    <message>
        <source>The key is in the keyring of this computer, and nowhere else.</source>
        <translation>Der Schlüssel liegt im Schlüsselbund dieses Rechners, und nirgends sonst.</translation>
    </message>
    <message>
        <source>The key is gone.</source>
        <translation>Der Schlüssel ist weg.</translation>
    </message>
    <message>
        <source>This server has a key; it is in the keyring of this computer.</source>
        <translation>Dieser Server hat einen Schlüssel; er liegt im Schlüsselbund dieses Rechners.</translation>
    </message>
    <message>
        <source>The model is asked to say hello. The first time, its server may have to load it.</source>
        <translation>Das Modell wird gebeten, Hallo zu sagen. Beim ersten Mal muss sein Server es vielleicht erst laden.</translation>
    </message>
    <message>
        <source>{model} answers: its first word comes after {time}, the first time after {first}, while it was loaded.</source>
        <translation>{model} antwortet: Das erste Wort kommt nach {time}, beim ersten Mal nach {first}, während es geladen wurde.</translation>
    </message>
    <message>
        <source>{model} answers: its first word comes after {time}.</source>
        <translation>{model} antwortet: Das erste Wort kommt nach {time}.</translation>
    </message>
    <message>
        <source>Allowed: while a language model answers, Sotto reaches {place} and offers the model its tools.</source>
        <translation>Erlaubt: Während ein Sprachmodell antwortet, fragt Sotto {place} und bietet dem Modell die Werkzeuge an.</translation>
    </message>
    <message>
        <source>Allowed: while a language model answers, Sotto starts {place} and offers the model its tools.</source>
        <translation>Erlaubt: Während ein Sprachmodell antwortet, startet Sotto {place} und bietet dem Modell die Werkzeuge an.</translation>
    </message>
    <message>
        <source>Not allowed, so it never runs. If you allow it, Sotto reaches {place} and offers its tools to the language model. Allow only what you trust.</source>
        <translation>Nicht erlaubt, also wird er nie gefragt. Wenn du ihn erlaubst, fragt Sotto {place} und bietet dem Sprachmodell die Werkzeuge an. Erlaube nur, was du für vertrauenswürdig hältst.</translation>
    </message>
    <message>
        <source>Not allowed, so it never runs. If you allow it, Sotto starts {place} and offers its tools to the language model. Allow only what you trust.</source>
        <translation>Nicht erlaubt, also läuft er nie. Wenn du ihn erlaubst, startet Sotto {place} und bietet dem Sprachmodell die Werkzeuge an. Erlaube nur, was du für vertrauenswürdig hältst.</translation>
    </message>
    <message>
        <source>Sotto runs already; its window was asked to come forward.</source>
        <translation>Sotto läuft schon; sein Fenster wurde nach vorn geholt.</translation>
    </message>
</context>
</TS>
