#!/bin/sh
# Says which Chromium the page's tests will use; installs Debian's where there is none and it may.
set -eu
for name in "${BESSLINE_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "no Chromium found: installing Debian's"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "The page's tests need Chromium, and there is none. Do one of these:"
echo "  sudo apt-get install chromium"
echo "  BESSLINE_CHROMIUM=/path/to/chrome make test"
echo "  BESSLINE_NO_BROWSER=1 make test     (leaves the page's tests out)"
[ "${BESSLINE_NO_BROWSER:-}" = 1 ]
