#!/bin/sh
# Makes a headless Chromium available to the tests where that can be done without asking anybody;
# elsewhere the browser's tests skip and say why.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo 'Installing Chromium for the browser tests'
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 \
        || echo 'Chromium could not be installed; the browser tests will skip'
else
    echo 'No Chromium here; the browser tests will skip (install the package "chromium" to run them)'
fi
exit 0
