#!/bin/sh
# Runs a task of Normbench with the Deno of this folder: no network, no installation.

# The folder of this script, even where a link leads to it.
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P) || exit 3

case ${1-} in
  doctor | parity | bench | train | report) ;;
  *)
    echo "Usage: $0 doctor|parity|bench|train|report [options]; $0 TASK --help lists them." >&2
    exit 2
    ;;
esac

# A folder that the user names for data comes first; a native TensorFlow in the pack comes before any other.
if [ -z "${NORMBENCH_DATA-}" ] && [ -d "$here/datasets" ]; then
  export NORMBENCH_DATA="$here/datasets"
fi
if [ -d "$here/cache" ]; then
  export XDG_CACHE_HOME="$here/cache"
fi
# Deno keeps databases there, which jobs of an array would share on a network disk.
export DENO_DIR=/dev/null DENO_NO_UPDATE_CHECK=1

exec "$here/lib/deno" run --quiet --no-prompt --no-remote --no-npm \
  --config "$here/lib/deno.json" --permission-set="$1" "$here/lib/normbench.js" "$@"
