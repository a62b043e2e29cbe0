#!/bin/sh
# Installs the Debian packages that Sotto and its tests use, or prints the line that does.
# Never fails: what is missing only narrows what works, and `sotto doctor` says what.
set -u
# libportaudio2 plays sound; libflite1, espeak-ng, WordNet and fortunes make the training corpus;
# PulseAudio and its ALSA plug-in are the virtual sound card of the tests.
wanted="libportaudio2 libflite1 espeak-ng wordnet-base fortunes libasound2-plugins pulseaudio pulseaudio-utils"

command -v dpkg-query >/dev/null 2>&1 || {
    [ "$(uname -s)" = Linux ] && echo "Sotto also uses, from your distribution: PortAudio, flite, espeak-ng, PulseAudio."
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
