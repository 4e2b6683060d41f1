#!/bin/sh
# Starts the command as a user without rights. A data folder that belongs to root (a volume just mounted, as on
# Railway) is given to that user first. Started as another user (docker run --user), it changes nothing.
set -eu
user="${AURATUNE_USER:-auratune}"
folder="${TEMP_DIR:-/data}"
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$folder"
    if ! setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups test -w "$folder"; then
        chown -R "$user" "$folder" || {
            echo "The data folder $folder cannot be given to the user $user; mount a volume that root may change." >&2
            exit 1
        }
    fi
    HOME="$(getent passwd "$user" | cut -d: -f6)"
    export HOME
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"
fi
exec "$@"
