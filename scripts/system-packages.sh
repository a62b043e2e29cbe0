#!/bin/sh
# Installs the Debian packages that Sotto and its tests use, or prints the line that does.
# Never fails: what is missing only narrows what works, and `sotto doctor` says what.
set -u
# libportaudio2 plays sound; libflite1, espeak-ng, WordNet and fortunes make the training corpus;
# PulseAudio and its ALSA plug-in are the virtual sound card of the tests.
wanted="libportaudio2 libflite1 espeak-ng wordnet-base fortunes libasound2-plugins pulseaudio pulseaudio-utils"
# What Qt's window needs (a missing libxcb-icccm4 or -keysyms1 is reported as xcb-cursor0), and a font.
wanted="$wanted libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0"
wanted="$wanted libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libfontconfig1 libdbus-1-3 fonts-dejavu-core"
# The virtual screen of the window's tests and benchmarks.
wanted="$wanted xvfb xauth xdotool openbox"

command -v dpkg-query >/dev/null 2>&1 || {
    [ "$(uname -s)" = Linux ] && echo "Sotto also uses, from your distribution: PortAudio, flite, espeak-ng, PulseAudio, xcb libraries, Xvfb."
    exit 0
}
missing=""
for package in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install --no-install-recommends -y$missing"
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system packages:$missing"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -qq $missing; } \
        >/dev/null 2>&1 && exit 0
    echo "That failed; Sotto goes on without them. To try again: $line"
else
    echo "Some system packages are missing; Sotto goes on without them. To install them: sudo $line"
fi
exit 0
